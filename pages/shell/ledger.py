"""Costs typed in: a line for each, from month to month, kept as a version of their own."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics import bookings
from analytics.studies.ledger import BUDGET, PROGRAMME
from pages.shell.session import workspace
from pages.shell.words import words

EMPTY = 3  # lines that stand ready


def add_costs() -> None:
    """The form below the answer, or below the empty state of a workspace without costs."""
    say = words()
    if kept := st.session_state.pop("costs_kept", None):
        st.success(say("pages.economics.kept", **kept), icon=":material/check_circle:")
    with st.container(border=True, key="costs_form"):
        st.subheader(say("pages.economics.add"), anchor=False)
        st.caption(say("pages.economics.add_help"))
        lines = st.data_editor(
            _empty(), column_config=_columns(), num_rows="dynamic", hide_index=True, width="stretch", key="costs_lines",
        )
        if st.button(say("pages.economics.keep"), icon=":material/save:", key="costs_keep"):
            _keep(lines)


def _empty() -> pd.DataFrame:
    texts = {name: pd.Series([None] * EMPTY, dtype=object) for name in ("category", "supplier")}
    days = {name: pd.Series([pd.NaT] * EMPTY, dtype="datetime64[us]") for name in ("first", "last")}
    return pd.DataFrame({**texts, **days, "amount": pd.Series([None] * EMPTY, dtype=float)})


def _columns() -> dict[str, object]:
    """The categories are ours, in the session's language: each is classed again as what it says."""
    say = words()
    label = {name: say(f"economics.columns.{name}") for name in ("category", "supplier", "first", "last", "amount_month")}
    kinds = [say(f"economics.kinds.{kind}") for kind in (*PROGRAMME, *BUDGET)]
    edit = st.column_config
    return {
        "category": edit.SelectboxColumn(label["category"], options=kinds, width="medium"),
        "supplier": edit.TextColumn(label["supplier"], max_chars=80),
        "first": edit.DateColumn(label["first"], format="YYYY-MM"),
        "last": edit.DateColumn(label["last"], format="YYYY-MM"),
        "amount": edit.NumberColumn(label["amount_month"], format="%.2f", help=say("pages.economics.storno")),
    }


def _keep(lines: pd.DataFrame) -> None:
    with st.spinner(words()("pages.economics.keeping"), show_time=True):
        report = bookings.keep(workspace(), lines)
    st.session_state["costs_kept"] = {"n": report.files[0].rows_loaded}
    del st.session_state["costs_lines"]
    st.rerun()
