"""Downloads, built when asked for: a table as CSV or XLSX."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.reports.tables import csv_bytes, xlsx_bytes
from pages.shell.words import words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def downloads(table: pd.DataFrame, name: str) -> None:
    """Two buttons side by side. Nothing is written until one is pressed."""
    say = words()
    st.download_button(
        say("shell.download_csv"), lambda: csv_bytes(table), f"{name}.csv", "text/csv",
        key=f"csv_{name}", on_click="ignore", icon=":material/download:", type="tertiary",
    )
    st.download_button(
        say("shell.download_xlsx"), lambda: xlsx_bytes(table), f"{name}.xlsx", XLSX,
        key=f"xlsx_{name}", on_click="ignore", icon=":material/table:", type="tertiary",
    )
