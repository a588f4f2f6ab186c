"""What a workspace agrees on once: currency, time zone, as-of date, fiscal year, smallest cell shown, industry."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, cast
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from analytics.errors import UserError
from analytics.presets import DEFAULT_PRESET, PRESETS

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_WORKSPACE = "default"


def home() -> Path:
    """The folder that holds the workspaces: LOYALTY_HOME, else data/workspaces beside the code."""
    return Path(os.environ.get("LOYALTY_HOME") or ROOT / "data" / "workspaces").expanduser().resolve()


@cache
def fingerprint() -> str:
    """Hash of all code that can change an answer: after an update nothing old is served."""
    files = sorted(path for ending in ("py", "sql", "toml") for path in (ROOT / "analytics").rglob(f"*.{ending}"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One agreement a workspace, read by every study and kept with each dataset version.

    currency     ISO 4217 code of all money, "" until a file or the user tells
    time_zone    IANA name; timestamps without an offset are taken to be in it
    as_of        last day counted; None is the last day in the data
    fiscal_year  month (1-12) in which the fiscal year starts
    min_cell     a group smaller than this is not shown
    preset       the industry whose windows, thresholds and words are used
    """

    currency: str = ""
    time_zone: str = "UTC"
    as_of: date | None = None
    fiscal_year: int = 1
    min_cell: int = 5
    preset: str = DEFAULT_PRESET

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "as_of": self.as_of.isoformat() if self.as_of else None}

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> Settings:
        return Settings(**{**raw, "as_of": date.fromisoformat(raw["as_of"]) if raw.get("as_of") else None})


def change(settings: Settings, values: Mapping[str, str]) -> Settings:
    """Settings with `values` (name -> text, as typed) applied.

    Raises  UserError unknown_setting | bad_setting
    """
    known = {field.name for field in fields(Settings)}
    for name, text in values.items():
        if name not in known:
            raise UserError("unknown_setting", name=name, known=", ".join(sorted(known)))
        try:
            settings = replace(settings, **cast(dict[str, Any], {name: _parse(name, text.strip())}))
        except ValueError as error:
            raise UserError("bad_setting", name=name, value=text) from error
    return settings


def _parse(name: str, text: str) -> object:
    match name:
        case "currency":
            if text and text.upper() not in list_currencies():
                raise ValueError(text)
            return text.upper()
        case "time_zone":
            if text not in available_timezones():
                raise ValueError(text)
            return text
        case "as_of":
            return date.fromisoformat(text) if text else None
        case "fiscal_year":
            if not 1 <= int(text) <= 12:
                raise ValueError(text)
            return int(text)
        case "preset":
            if text not in PRESETS:
                raise ValueError(text)
            return text
        case _:
            if not 1 <= int(text) <= 1000:
                raise ValueError(text)
            return int(text)
