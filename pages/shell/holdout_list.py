"""The list of a test by lot: looked at, downloaded as the importer reads it, kept in this workspace."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics import assign
from analytics.access import Access
from analytics.reports.tables import csv_bytes
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import holdout as study
from analytics.studies.holdout_data import as_file
from analytics.studies.holdout_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.customer_list import SHOWN
from pages.shell.session import access, version_key, workspace
from pages.shell.tables import table
from pages.shell.words import words


def holdout_list(params: study.Params, result: Result) -> None:
    """Nothing where no test was designed, but what was just kept is still said."""
    _kept()
    if result.refused is not None:
        return
    say, rows, told = words(), _members(version_key(), params, access(), fingerprint()), result.tables["design"].iloc[0]
    with st.container(border=True, key="figure_holdout_list"):
        st.subheader(say("pages.holdout.list"), anchor=False)
        sizes = {name: int(told[name]) for name in ("control", "treatment")}
        shown = {"shown": min(SHOWN, len(rows)), "n": len(rows), "experiment": told["experiment_id"]}
        st.caption(say("pages.holdout.drawn", **sizes, **shown))
        table(named(rows.head(SHOWN), say))
        with st.container(horizontal=True, key="tools_holdout_list"):
            st.download_button(
                say("pages.holdout.file"), lambda: csv_bytes(as_file(rows, say.language)), f"{told['experiment_id']}.csv", "text/csv",
                key="holdout_file", on_click="ignore", icon=":material/download:", type="tertiary",
            )
            if st.button(say("pages.holdout.keep"), help=say("pages.holdout.keep_help"), icon=":material/save:", key="holdout_keep"):
                _keep(params, told)


def _keep(params: study.Params, told: pd.Series) -> None:
    """Import the list; the page then shows the data as it is with it."""
    with st.spinner(words()("pages.holdout.keeping"), show_time=True):
        name, report = assign.keep(workspace(), params)
    facts = {"starts": told["starts_on"].date(), "ends": told["ends_on"].date(), "n": report.files[0].rows_loaded}
    st.session_state["holdout_kept"] = {"experiment": name, **facts}
    st.rerun()


def _kept() -> None:
    if kept := st.session_state.pop("holdout_kept", None):
        st.success(words()("pages.holdout.kept", **kept), icon=":material/check_circle:")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
