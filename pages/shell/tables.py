"""Tables on screen: shares as per cent, days as days, numbers grouped as the reader writes them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import streamlit as st

from analytics.i18n import catalogue
from pages.shell.words import words

_SHARES = ("share", "rate", "standing", "probability")


def table(frame: pd.DataFrame, *, alt: str | None = None, width: str = "stretch", **more: Any) -> Any:
    """Draw a frame whose columns are headed in words; `more` as st.dataframe takes it, which tells what is selected."""
    return st.dataframe(_rounded(frame), hide_index=True, column_config=_formats(frame), alt=alt, width=width, **more)


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as a reader wants them: no thousandths where there are tens."""
    large = [label for label in frame.select_dtypes("float") if frame[label].abs().max() >= 10]
    return frame.round(dict.fromkeys(large, 2))


def _formats(frame: pd.DataFrame) -> dict[str, Any]:
    names, formats = _names(words().language), {}
    for label in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[label]):
            formats[label] = st.column_config.DateColumn(format="YYYY-MM-DD")
        elif pd.api.types.is_numeric_dtype(frame[label]) and not pd.api.types.is_bool_dtype(frame[label]):
            share = any(part in _SHARES for part in names.get(label, "").split("_"))
            formats[label] = st.column_config.NumberColumn(format="percent" if share else "localized")
    return formats


@cache
def _names(language: str) -> dict[str, str]:
    """Heading -> the column's own name, which tells its unit."""
    return {text: key.rsplit(".", 1)[-1] for key, text in catalogue(language).items() if ".columns." in key}
