"""Words and number formats of the two languages. One object, `Words`, is handed to whatever writes for people."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal, format_percent

from analytics.errors import UserError
from analytics.presets import DEFAULT_PRESET
from analytics.results import Estimate, Note, Period, Unit

LANGUAGES = {"en": "English", "zh-CN": "简体中文"}
DEFAULT_LANGUAGE = "en"
_SMALL = 0.1  # money below it, as a point costs, is written to a hundredth of a cent
_BABEL = {"en": "en_GB", "zh-CN": "zh_Hans_CN"}


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every string of a language, flattened: {"errors.no_data.fact": "..."}."""
    return dict(_flatten("", _read(language)))


@cache
def terms(language: str, preset: str) -> Mapping[str, str]:
    """The words of an industry: the usual word -> the one that stands for it."""
    return dict(_read("terms").get(language, {}).get(preset, {}))


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text(encoding="utf-8"))


def _flatten(prefix: str, node: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in node.items():
        name = f"{prefix}{key}"
        rows += _flatten(f"{name}.", value) if isinstance(value, Mapping) else [(name, str(value))]
    return rows


# where the industry's own words stand in: what answers say, not what files and settings are called
_SPOKEN = (
    "studies.",
    "overview.",
    "effect.",
    "economics.",
    "scenarios.",
    "segments.",
    "movement.",
    "compare.",
    "cohorts.",
    "lifecycle.",
    "forecast.",
    "value.",
    "next_need.",
    "customer.",
    "figures.",
    "points.",
    "pages.",
)


@cache
def spoken(language: str, preset: str) -> Mapping[str, str]:
    """The strings of a language in the words of an industry."""
    swap = terms(language, preset)
    return {key: _reworded(text, swap) if swap and key.startswith(_SPOKEN) else text for key, text in catalogue(language).items()}


def _reworded(text: str, swap: Mapping[str, str]) -> str:
    """The text with each term replaced once, longest first; whole words where words are parted by spaces, never a {fact}."""
    forms = {form: new for term, new in swap.items() for form, new in _forms(term, new)}
    known = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    edge = r"(?<![A-Za-z_{])", r"(?![A-Za-z_}])"
    return re.sub(f"{edge[0]}({known}){edge[1]}", lambda found: forms[found[0]], text)


def _forms(term: str, new: str) -> list[tuple[str, str]]:
    """Singular and plural, at the start of a sentence and within it."""
    pairs = [(term, new), (f"{term}s", f"{new}s")] if term.isascii() else [(term, new)]
    return [*pairs, *((old[:1].upper() + old[1:], word[:1].upper() + word[1:]) for old, word in pairs if old[:1].isascii())]


class _Facts(string.Formatter):
    """str.format without attribute or index access: a fact may come from an uploaded file."""

    def get_field(self, field_name: str, args: Any, kwargs: Any) -> Any:
        return self.get_value(field_name, args, kwargs), field_name


@dataclass(frozen=True, slots=True)
class Words:
    """One language's strings and formats. `currency` is the workspace's ISO code, "" when unknown; `preset` its industry."""

    language: str = DEFAULT_LANGUAGE
    currency: str = ""
    preset: str = DEFAULT_PRESET

    @property
    def locale(self) -> str:
        return _BABEL[self.language]

    def has(self, key: str) -> bool:
        return key in catalogue(self.language)

    def __call__(self, key: str, /, **facts: object) -> str:
        """The string under `key` with its facts filled in. Numbers are grouped; a missing key is a bug."""
        shown = {name: self._fact(value) for name, value in facts.items()}
        return _Facts().format(spoken(self.language, self.preset)[key], **shown)

    def note(self, note: Note) -> str:
        return self(note.key, **note.facts)

    def error(self, error: UserError) -> tuple[str, str, str]:
        """(fact, cause, next step) of an error the user can mend."""
        fact, cause, step = (self(f"errors.{error.key}.{part}", **error.facts) for part in ("fact", "cause", "next"))
        return fact, cause, step

    def _fact(self, value: object) -> str:
        if isinstance(value, Estimate):
            return self.quantity(value.value, value.unit, compact=value.level < 1)  # to the cent only what was counted
        if isinstance(value, Period):
            return self.period(value)
        if isinstance(value, Note):
            return self.note(value)
        if isinstance(value, bool):
            return self("words.yes" if value else "words.no")
        if isinstance(value, int | float):
            return self.number(value)
        if isinstance(value, date):
            return self.day(value)
        return str(value)

    def number(self, value: float, *, digits: int = 0) -> str:
        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self.locale)

    def money(self, value: float, *, compact: bool = False) -> str:
        """Money in the reporting currency; a plain grouped number while the currency is unknown."""
        if compact and abs(value) >= 10_000:
            if self.currency:
                return format_compact_currency(value, self.currency, locale=self.locale, fraction_digits=2)
            return format_compact_decimal(value, locale=self.locale, fraction_digits=2)
        if 0 < abs(value) < _SMALL:
            return format_currency(value, self.currency, format="¤0.00##", locale=self.locale, currency_digits=False).strip()
        if self.currency:
            return format_currency(value, self.currency, locale=self.locale)
        return self.number(value, digits=2)

    def share(self, value: float, *, digits: int = 1) -> str:
        value = value if round(value, digits + 2) else 0.0  # never -0.0%
        return format_percent(value, format="#,##0" + ("." + "0" * digits if digits else "") + "%", locale=self.locale)

    def day(self, value: date) -> str:
        return format_date(value, format="medium", locale=self.locale)

    def month(self, value: date) -> str:
        return format_date(value, format="MMM y" if self.language == "en" else "y年M月", locale=self.locale)

    def period(self, value: Period) -> str:
        """A month, or a quarter of a year."""
        if value.grain == "month":
            return self.month(value.first)
        return format_date(value.first, format="QQQ y" if self.language == "en" else "y年QQQQ", locale=self.locale)

    def quantity(self, value: float, unit: Unit, *, compact: bool = False) -> str:
        """A number written as its unit asks."""
        match unit:
            case Unit.MONEY:
                return self.money(value, compact=compact)
            case Unit.SHARE:
                return self.share(value)
            case Unit.DAYS:
                return self("units.days", n=self.number(value, digits=0 if value >= 10 or value == int(value) else 1))
            case Unit.MONTHS:
                return (
                    self("units.months", n=self.number(value, digits=0 if value == int(value) else 1))
                    if isfinite(value)
                    else self("units.never")
                )
            case Unit.RATIO | Unit.INDEX:
                return self.number(value, digits=2)
            case _:
                return self.number(value)

    def change(self, now: float, before: float, unit: Unit) -> str:
        """With its sign: a share changes by percentage points, all else by per cent of what it was; what was not above zero by itself."""
        if unit is Unit.SHARE:
            points = round((now - before) * 100, 1)
            return self("units.percentage_points", n=f"{'+' if points > 0 else ''}{self.number(points + 0.0, digits=1)}")
        if before <= 0:
            return f"{'+' if now > before else ''}{self.quantity(now - before, unit, compact=True)}"
        share = now / before - 1
        return f"{'+' if share > 0 else ''}{self.share(share)}"

    def interval(self, estimate: Estimate) -> str:
        """ "95 % interval a to b" or, for a full count, "full count"."""
        if estimate.level == 1:
            return self("units.full_count")
        low, high = (self.quantity(bound, estimate.unit, compact=True) for bound in (estimate.low, estimate.high))
        return self("units.interval", level=self.share(estimate.level, digits=0), low=low, high=high)
