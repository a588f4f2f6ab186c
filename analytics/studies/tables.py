"""Small frames as people read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from babel.numbers import format_compact_currency, format_compact_decimal, format_currency, format_decimal

if TYPE_CHECKING:
    from analytics.i18n import Words


def titled(frame: pd.DataFrame, prefix: str, words: Words) -> pd.DataFrame:
    """The frame with its columns headed in words: `<prefix>.<column>` of the language files."""
    return frame.rename(columns={column: words(f"{prefix}.{column}") for column in frame.columns})


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
