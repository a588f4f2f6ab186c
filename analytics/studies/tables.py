"""Small frames as people read them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

from analytics.i18n import catalogue

if TYPE_CHECKING:
    from analytics.i18n import Words

_SHARES = ("share", "rate", "standing", "probability")
_NOTED = "shares"  # two studies may head a share and a number alike: what a frame's own columns are goes with the frame


def titled(frame: pd.DataFrame, prefix: str, words: Words) -> pd.DataFrame:
    """The frame with its columns headed in words: `<prefix>.<column>` of the language files. Which are shares goes with it."""
    headings = {column: words(f"{prefix}.{column}") for column in frame.columns}
    shown = frame.rename(columns=headings)
    shown.attrs[_NOTED] = [heading for column, heading in headings.items() if _is_share(column)]
    return shown


def shares(frame: pd.DataFrame, language: str) -> frozenset[str]:
    """The headings under which a frame holds shares: as `titled` noted them, else by the names that have such a heading."""
    noted = frame.attrs.get(_NOTED)
    return frozenset(noted if noted is not None else (str(name) for name in frame.columns if _is_share(_names(language).get(name, name))))


def _is_share(name: object) -> bool:
    return any(part in _SHARES for part in str(name).split("_"))


@cache
def _names(language: str) -> dict[str, str]:
    """Heading -> the column's own name; of several the last."""
    return {text: key.rsplit(".", 1)[-1] for key, text in catalogue(language).items() if ".columns." in key}


def short(value: float, words: Words) -> str:
    """A number as it stands on an axis: 20K, 2万."""
    if abs(value) < 10_000:
        return format_decimal(value, format="#,##0.##", locale=words.locale)
    return format_compact_decimal(value, locale=words.locale, fraction_digits=1)


def cash(value: float, words: Words) -> str:
    """Money as it stands on an axis, with its currency: £20K, ¥2万."""
    if not words.currency:
        return short(value, words)
    if abs(value) < 10_000:
        return format_currency(value, words.currency, format="¤#,##0.##", locale=words.locale, currency_digits=False)
    return format_compact_currency(value, words.currency, locale=words.locale, fraction_digits=1)


def signed(value: float, words: Words, *, digits: int = 0) -> str:
    """A number with its sign: +3, −2; zero has none."""
    shown = words.number(abs(value), digits=digits)
    return shown if float(f"{value:.{digits}f}") == 0 else f"{'+' if value > 0 else '−'}{shown}"


def apart(share: float, words: Words, *, sign: bool = False) -> str:
    """A difference of two shares in percentage points."""
    value = 100 * share
    return words("figures.apart", n=signed(value, words, digits=1) if sign else words.number(value, digits=1))
