"""After loading: where every row went, what the workspace holds now, and the first figures one click away."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from analytics import store
from analytics.intake.report import FileReport, ImportReport
from pages.shell.navigation import page
from pages.shell.notes import file_name, rule_name, source_name, table_name, tell_notes
from pages.shell.session import workspace
from pages.shell.tables import table
from pages.shell.words import literal, words


def landed(report: ImportReport, again: Callable[[], None]) -> None:
    say = words()
    if report.unchanged:
        st.info(say("data.done.unchanged"), icon=":material/done_all:")
    else:
        st.success(say("data.done.loaded", version=report.version), icon=":material/check_circle:")
    with st.container(horizontal=True, key="done"):
        if st.button(say("data.done.figures"), type="primary", icon=":material/arrow_forward:", key="first_figures"):
            st.switch_page(page("overview"))
        st.button(say("data.done.another"), on_click=again)
    st.subheader(say("data.done.where"), anchor=False)
    table(_where(report.files), width="content")
    for file in report.files:
        _file(file)
    _rejects(report)


def _where(files: tuple[FileReport, ...]) -> pd.DataFrame:
    """One row a file: read = loaded + left out + rejected."""
    say = words()
    columns = [say(f"data.done.{name}") for name in ("file", "source", "table", "read", "loaded_rows", "excluded", "rejected")]
    rows = [
        (file_name(file.path), source_name(file.source), table_name(file.table), file.rows_read, file.rows_loaded,
         sum(file.rows_excluded.values()), file.rows_rejected)
        for file in files
    ]
    return pd.DataFrame(rows, columns=columns)


def _file(file: FileReport) -> None:
    """The account of one file: the identity in a sentence, each rule with its count, what else to know."""
    say, out = words(), sum(file.rows_excluded.values())
    with st.expander(literal(file_name(file.path)), expanded=bool(out or file.rows_rejected)):
        st.markdown(say("data.done.identity", read=file.rows_read, loaded=file.rows_loaded, excluded=out, rejected=file.rows_rejected))
        if file.rows_excluded:
            rules = [(rule_name(rule), rows) for rule, rows in file.rows_excluded.items()]
            table(pd.DataFrame(rules, columns=[say("data.done.rule"), say("data.done.rows")]), width="content")
        for column, kind in file.personal.items():
            st.markdown(f"- {literal(column)}: {say(f'personal.{kind}')}")
        tell_notes(file.notes)


def _rejects(report: ImportReport) -> None:
    """The rows that could not be read, as a file with line and reason."""
    path = store.rejects(workspace(), store.load(workspace(), report.version)) if report.version else None
    if path is not None and any(file.rows_rejected for file in report.files):
        st.download_button(
            words()("data.done.rejects"), path.read_bytes, f"rejected-{report.version}.csv", "text/csv",
            on_click="ignore", icon=":material/download:", key="rejects",
        )
