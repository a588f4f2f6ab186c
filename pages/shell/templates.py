"""Templates whose header is understood without mapping, and sample files to try the whole way with."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.contract import BY_NAME, TABLES, Column, Table, heading
from analytics.reports.tables import csv_bytes, xlsx_bytes
from analytics.settings import ROOT
from pages.shell.downloads import XLSX
from pages.shell.words import words

SAMPLES = ROOT / "data" / "samples"
OFFERED = tuple(table.name for table in TABLES if table.name != "outcomes")  # a snapshot has columns of its own


def templates_tab() -> None:
    say = words()
    st.caption(say("data.templates.hint"))
    named = {name: say(f"data.tables.{name}") for name in OFFERED}
    table = BY_NAME[st.selectbox(say("data.import.table"), named, format_func=named.get, key="template", width=280)]
    with st.container(horizontal=True, key="template_files"):
        _download(f"{table.name}-template", template(table, say.language))
    st.dataframe(_described(table), hide_index=True)
    st.subheader(say("data.templates.samples"), anchor=False)
    with st.container(horizontal=True, key="sample_files"):
        for path in sorted((SAMPLES / say.language).rglob("*.csv")):
            st.download_button(
                say("data.templates.sample", name=path.name), path.read_bytes, path.name, "text/csv",
                key=f"sample_{path.stem}", on_click="ignore", icon=":material/download:",
            )


def template(table: Table, language: str) -> pd.DataFrame:
    """An empty frame whose header names the stored columns of a table in a language."""
    return pd.DataFrame(columns=[heading(column, language) for column in _own(table)])


def _own(table: Table) -> list[Column]:
    """Stored columns that a file can bring."""
    return [column for column in table.stored if column.aliases]


def _download(name: str, frame: pd.DataFrame) -> None:
    say = words()
    for ending, make, mime in (("csv", csv_bytes, "text/csv"), ("xlsx", xlsx_bytes, XLSX)):
        st.download_button(
            f"{say('data.templates.template')} · {ending.upper()}", lambda make=make: make(frame), f"{name}.{ending}", mime,
            key=f"{name}_{ending}", on_click="ignore", icon=":material/download:",
        )


def _described(table: Table) -> pd.DataFrame:
    """What each column of the template holds."""
    say = words()
    names = [say(f"data.templates.{name}") for name in ("column", "kind", "required", "name", "aliases")]
    rows = [
        (heading(column, say.language), say(f"data.kinds.{column.kind}", values=", ".join(value for value, _ in column.values)),
         say("words.yes" if column.name in table.key else "words.no"), f"{table.name}.{column.name}", ", ".join(column.aliases[1:6]))
        for column in _own(table)
    ]
    return pd.DataFrame(rows, columns=names)

