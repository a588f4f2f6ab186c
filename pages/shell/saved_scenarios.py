"""Scenarios under a name: kept in the workspace, opened again, set side by side on the data in force, taken along as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any, get_origin, get_type_hints

import pandas as pd
import streamlit as st

from analytics import store
from analytics.results import Unit
from analytics.studies import scenarios as study
from pages.shell.downloads import downloads
from pages.shell.errors import Unfitted
from pages.shell.session import workspace
from pages.shell.tables import table
from pages.shell.words import literal, words

KIND, LONGEST = "scenarios", 60  # characters of a name
Read = Callable[[study.Params], study.Inputs]


def saved(params: study.Params, read: Read) -> None:
    """Save the setting at hand; compare, open and delete those that were."""
    say, kept = words(), store.remembered(workspace(), KIND)
    with st.container(border=True, key="figure_scenarios_saved"):
        st.subheader(say("pages.scenarios.saved"), anchor=False)
        st.caption(say("pages.scenarios.saved_note"))
        _said()
        _save(params, kept)
        if not kept:
            st.caption(say("pages.scenarios.none_saved"))
            return
        chosen = st.multiselect(say("pages.scenarios.compare"), list(kept), default=list(kept), key=f"compared_{len(kept)}")
        _compare({say("scenarios.now"): study.without_levers(params), **{name: study.from_kept(kept[name]) for name in chosen}}, read)
        for name in chosen:
            _row(name)


def _save(params: study.Params, kept: Mapping[str, Any]) -> None:
    say = words()
    with st.form("scenario_save", border=False, clear_on_submit=True), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(say("pages.scenarios.name"), max_chars=LONGEST, key="scenario_name", width=280).strip()
        pressed = st.form_submit_button(say("pages.scenarios.save"), icon=":material/save:", key="scenario_keep")
        if pressed and name not in ("", say("scenarios.now")):
            store.remember(workspace(), KIND, name, asdict(params))
            st.session_state["scenario_said"] = ("pages.scenarios.replaced" if name in kept else "pages.scenarios.kept", name)
            st.rerun()


def _said() -> None:
    if told := st.session_state.pop("scenario_said", None):
        st.success(words()(told[0], name=literal(told[1])), icon=":material/check_circle:")


def _row(name: str) -> None:
    say = words()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(literal(name), width=240)
        kept: dict[str, Any] = {"args": (name,), "type": "tertiary"}
        st.button(say("pages.scenarios.open"), icon=":material/open_in_full:", key=f"open_{name}", on_click=_open, **kept)
        st.button(say("pages.scenarios.delete"), icon=":material/delete:", key=f"delete_{name}", on_click=_forget, **kept)


def _open(name: str) -> None:
    """Set every widget of the page as it was when the scenario was kept."""
    params, hints = study.from_kept(store.remembered(workspace(), KIND)[name]), get_type_hints(study.Params)
    for field in fields(params):
        kept = st.query_params if get_origin(hints[field.name]) else st.session_state  # choices are read from the address
        kept[field.name] = getattr(params, field.name)


def _forget(name: str) -> None:
    store.remember(workspace(), KIND, name, None)
    st.session_state["scenario_said"] = ("pages.scenarios.forgotten", name)


def _compare(chosen: Mapping[str, study.Params], read: Read) -> None:
    """Today and each scenario in a column; the file also holds what each assumes."""
    found, say = {}, words()
    for name, params in chosen.items():
        try:
            found[name] = (read(params), params)
        except Unfitted:
            st.caption(say("pages.scenarios.unfitted", name=literal(name)))
    if not found:
        return
    rows = study.compared(found)
    table(_side_by_side(rows))
    with st.container(horizontal=True, key="tools_scenarios_saved"):
        downloads(_file(rows), "tierwise-scenarios")


def _side_by_side(rows: pd.DataFrame) -> pd.DataFrame:
    """A figure a row, a scenario a column."""
    say, figures = words(), rows[rows["part"] == "figure"]
    names = list(dict.fromkeys(figures["name"]))
    shown = {say("scenarios.columns.figure"): [say(f"studies.scenarios.estimates.{name}.label") for name in names]}
    for scenario, part in figures.groupby("scenario", sort=False):
        by_name = part.set_index("name").reindex(names)
        units = figures.drop_duplicates("name").set_index("name")["unit"]
        shown[str(scenario)] = [told(Unit(units[name]), *by_name.loc[name, ["value", "low", "high"]]) for name in names]
    return pd.DataFrame(shown)


def told(unit: Unit, value: float, low: float, high: float) -> str:
    """A value with its interval; what is not reached says so."""
    say = words()
    if pd.isna(value):
        return say("pages.scenarios.not_reached")
    shown = {name: say.quantity(one, unit, compact=True) for name, one in (("value", value), ("low", low), ("high", high))}
    return shown["value"] if low == high else say("pages.scenarios.interval", **shown)


def _file(rows: pd.DataFrame) -> pd.DataFrame:
    """The comparison in words, for a spreadsheet: numbers stay numbers."""
    return study.in_words(rows, words())
