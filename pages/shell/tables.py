"""Tables on screen: shares as per cent, days as days, numbers grouped as the reader writes them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics.studies.tables import shares
from pages.shell.words import words


def table(frame: pd.DataFrame, *, alt: str | None = None, width: str = "stretch", **more: Any) -> Any:
    """Draw a frame whose columns are headed in words; `more` as st.dataframe takes it, which tells what is selected."""
    return st.dataframe(_rounded(frame), hide_index=True, column_config=_formats(frame), alt=alt, width=width, **more)


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Numbers as a reader wants them: no thousandths where there are tens."""
    large = [label for label in frame.select_dtypes("float") if frame[label].abs().max() >= 10]
    return frame.round(dict.fromkeys(large, 2))


def _formats(frame: pd.DataFrame) -> dict[str, Any]:
    formats: dict[str, Any] = {}
    told = shares(frame, words().language)
    for label in frame.columns:
        if pd.api.types.is_datetime64_any_dtype(frame[label]):
            formats[label] = st.column_config.DateColumn(format="YYYY-MM-DD")
        elif pd.api.types.is_numeric_dtype(frame[label]) and not pd.api.types.is_bool_dtype(frame[label]):
            formats[label] = st.column_config.NumberColumn(format="percent" if label in told else "localized")
    return formats
