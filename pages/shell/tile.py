"""A table under its own heading, with its files: what stands below the figures of a page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shell.downloads import downloads
from pages.shell.tables import table


def tile(key: str, heading: str, rows: pd.DataFrame, file: str, *, note: str = "", most: int | None = None) -> None:
    """rows: as a reader gets them, `most` of them on screen and all in the files; heading, note: in words; key: unique on the page."""
    with st.container(border=True, key=f"figure_{key}"):
        st.subheader(heading, anchor=False)
        if note:
            st.caption(note)
        table(rows if most is None else rows.head(most))
        with st.container(horizontal=True, key=f"tools_{key}"):
            downloads(rows, file)
