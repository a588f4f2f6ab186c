"""The workshop: on the demo the truth is revealed beside each way of asking, and other worlds are made to see which one fails when."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from analytics import demo
from analytics.access import Access
from analytics.results import Estimate, Result
from analytics.settings import fingerprint
from analytics.studies.effect_truth import SWITCHES, beside, campaign, measure_of, switched, usual
from analytics.studies.experiments_data import Measure
from analytics.warehouse import open_warehouse
from pages.shell.session import access, version, version_key, workspace
from pages.shell.tables import table
from pages.shell.words import words
from pages.shell.workshop_world import Played, begin, played, sibling, world

_SIGNS = {"hit": ":material/check_circle:", "miss": ":material/cancel:", "warned": ":material/warning:", "refused": ":material/block:",
    "other": ":material/help:"}


def has_truth() -> bool:
    """Whether the data at hand is the demo programme, whose truth is known."""
    return demo.truth(version()) is not None


def workshop(params: Any, result: Result) -> None:
    """Reveal, play with the switches, compare."""
    known = demo.truth(version())
    if known is None:
        return
    say = words()
    drawn = _campaign(version_key(), access(), measure_of(result), fingerprint())
    rows = beside(result, known, rate=params.margin or 1.0, drawn=drawn)
    here = Played(switches=switched(known), rows=rows)
    st.markdown(say("workshop.intro"))
    with st.container(border=True, key="figure_workshop_truth"):
        st.subheader(say("workshop.world", world=named(here.switches)), anchor=False)
        _reveal(here)
    _switches(params, result.study, here.switches)
    _compared([here, *(other for other in played() if other.switches != here.switches)])


@st.cache_data(max_entries=4, show_spinner=False)
def _campaign(version_key: tuple[str, int, str], access: Access, measure: Measure, code: str) -> Estimate | None:
    house = open_warehouse(access)
    return campaign(house, house.version.truth, measure)


def named(switches: tuple[str, ...]) -> str:
    """A world by what is not as usual in it."""
    say = words()
    return " · ".join(say(f"workshop.changed.{name}") for name in switches) or say("workshop.usual")


def _reveal(here: Played) -> None:
    """Each method with its number; the truth and why only when asked for, so that a room can guess before."""
    say = words()
    shown = st.toggle(say("workshop.reveal"), key="workshop_reveal")
    if not shown:
        st.caption(say("workshop.guess"))
        table(_numbers(here.rows))
        return
    table(_numbers(here.rows, truth=True))
    for row in here.rows.to_dict("records"):
        sign, method = _SIGNS[row["outcome"]], say(f"workshop.methods.{row['method']}")
        outcome, why = say(f"workshop.outcomes.{row['outcome']}"), say(f"workshop.why.{row['why']}")
        st.markdown(f"{sign} **{method}** · {outcome}  \n:gray[{why}]")


def _numbers(rows: pd.DataFrame, *, truth: bool = False) -> pd.DataFrame:
    say = words()
    told = {"method": [say(f"workshop.methods.{name}") for name in rows["method"]]}
    told |= {"estimate": [_money(value) for value in rows["effect"]]}
    told |= {"interval": [_span(row) for row in rows.to_dict("records")], "grade": [grade or "–" for grade in rows["grade"]]}
    if truth:
        told |= {"truth": [_money(value) for value in rows["truth"]]}
        told |= {"outcome": [say(f"workshop.outcomes.{outcome}") for outcome in rows["outcome"]]}
    return pd.DataFrame({say(f"workshop.columns.{name}"): values for name, values in told.items()})


def _money(value: float | None) -> str:
    return "–" if value is None or pd.isna(value) else words().money(value)


def _span(row: dict[str, Any]) -> str:
    return "–" if pd.isna(row["low"]) else f"{words().money(row['low'])} … {words().money(row['high'])}"


def _switches(params: Any, study: str, now: tuple[str, ...]) -> None:
    """What can be switched, and the button that makes such a world in a workspace beside this one."""
    say = words()
    with st.container(border=True, key="figure_workshop_switches"):
        st.subheader(say("workshop.switches"), anchor=False)
        st.caption(say("workshop.beside", name=sibling(workspace())))
        with st.container(horizontal=True, key="workshop_toggles"):
            state = {name: (name in now) != usual(name) for name in SWITCHES}
            asked = {name: _switch(name, state[name]) for name in SWITCHES}
        changed = tuple(name for name, on in asked.items() if on != usual(name))
        if st.button(say("workshop.make"), icon=":material/play_arrow:", key="workshop_make", disabled=changed == now):
            begin(study, params, changed)
        world()


def _switch(name: str, on: bool) -> bool:
    say = words()
    return st.toggle(say(f"workshop.switch.{name}"), value=on, key=f"workshop_{name}", help=say(f"workshop.help.{name}"))


def _compared(worlds: list[Played]) -> None:
    """Method by world: which one fails when. Other worlds come in as they are played."""
    say = words()
    with st.container(border=True, key="figure_workshop_worlds"):
        st.subheader(say("workshop.compared"), anchor=False)
        st.caption(say("workshop.compared_note"))
        if not st.session_state.get("workshop_reveal"):
            st.caption(say("workshop.guess"))
            return
        st.dataframe(_by_world(worlds), hide_index=True, width="stretch")


def _by_world(worlds: list[Played]) -> pd.DataFrame:
    say = words()
    methods = list(dict.fromkeys(method for one in worlds for method in one.rows["method"]))
    columns = {say("workshop.columns.method"): [say(f"workshop.methods.{method}") for method in methods]}
    for one in worlds:
        rows = {row["method"]: row for row in one.rows.to_dict("records")}
        columns[named(one.switches)] = [_cell(rows.get(method)) for method in methods]
    return pd.DataFrame(columns)


def _cell(row: dict[str, Any] | None) -> str:
    """Outcome, number against truth, grade."""
    say = words()
    if row is None:
        return "–"
    truth = "" if pd.isna(row["truth"]) else f" / {_money(row['truth'])}"
    number = [] if row["outcome"] == "refused" else [_money(row["effect"]) + truth]
    return " · ".join([say(f"workshop.outcomes.{row['outcome']}"), *number, *filter(None, [row["grade"]])])
