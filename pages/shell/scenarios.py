"""Scenarios on screen: levers with what they stand at today, the answer beside today's, and what it assumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, fields, replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result, Unit
from analytics.settings import fingerprint
from analytics.studies import scenarios as study
from analytics.studies import scenarios_tables as tables
from analytics.warehouse import open_warehouse
from pages.shell.answer import ready
from pages.shell.cards import cards, say_note
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.saved_scenarios import saved, told
from pages.shell.session import access, version_key
from pages.shell.tables import table
from pages.shell.words import literal, words

FORMATS = {"match": "percent", "half_life": "%d", "response_low": "%.2f", "response_high": "%.2f"}
FACTOR = "×%.2f"


def scenarios(asked: study.Params) -> None:
    """The whole page below its title. Only the levers are reckoned anew when one is moved."""
    found = read(asked)
    if found.nothing:
        cards(study.answered(found, asked))
        return
    params = _levers(asked, found)
    result = study.answered(found, params)
    cards(result)
    draw(study.STUDY, result)
    _beside(result)
    _assumed(result)
    saved(params, read)


def read(params: study.Params) -> study.Inputs:
    """What no lever changes. Raises Locked and Unfitted as any answer does."""
    base = study.without_levers(params)
    return _inputs(version_key(), base, access(), fingerprint(), ready(study.STUDY, base))


@st.cache_data(max_entries=8, show_spinner=False)
def _inputs(
    version_key: tuple[str, int, str], params: study.Params, access: Access, code: str, used: tuple[bool, ...]
) -> study.Inputs:
    return study.inputs(open_warehouse(access), params)


# --- levers


def _levers(asked: study.Params, found: study.Inputs) -> study.Params:
    """A slider each, in groups; what it stands for today below it."""
    say, known = words(), {field.name: field for field in fields(asked)}
    values: dict[str, Any] = {}
    with st.grid(len(study.GROUPS), min_column_width=300, gap="small"):
        for group, names in study.GROUPS.items():
            with st.container(border=True, height="stretch", key=f"levers_{group}"):
                st.markdown(f"**{say(f'pages.scenarios.groups.{group}')}**")
                values |= {name: _lever(known[name], found) for name in names}
    with st.container(horizontal=True, vertical_alignment="center", key="tools_levers"):
        st.button(say("pages.scenarios.reset"), icon=":material/undo:", key="levers_reset", on_click=_reset, type="tertiary")
        st.caption(say("pages.scenarios.link"))
    return replace(asked, **values)


def _lever(field: Field[Any], found: study.Inputs) -> float:
    """One that this data cannot move stands still, with what it needs."""
    say, key = words(), f"studies.scenarios.params.{field.name}"
    locked = tables.locked(field.name, found)
    setting = st.slider(
        say(f"{key}.label"), value=field.default, **{f"{end}_value": field.metadata[end] for end in ("min", "max")},
        step=field.metadata["step"], format=FORMATS.get(field.name, FACTOR), help=say(f"{key}.help"), key=field.name,
        bind="query-params", disabled=locked is not None,
    )
    st.caption(say_note(locked) if locked else _stands(field.name, found, setting))
    return float(setting) if isinstance(field.default, float) else int(setting)


def _stands(name: str, found: study.Inputs, setting: float) -> str:
    """What the lever is today and, when it is moved, what becomes of it."""
    say, row = words(), tables.lever(name, found, setting)
    steps = _thresholds(found) if name == "thresholds" else [] if row["now"] is None else [row["now"]]
    if not steps:
        key = name if name in study.GROUPS["competition"] else "factor"
        return say(f"pages.scenarios.present.{key}", usual=say.number(row["usual"], digits=2))
    unit = Unit(row["unit"] or Unit.COUNT)
    told = [" · ".join(say.quantity(step * factor, unit) for step in steps) for factor in dict.fromkeys((1, setting))]
    return say(f"pages.scenarios.present.{name}", shown=" → ".join(told), one=say.money(1))


def _thresholds(found: study.Inputs) -> list[float]:
    known = None if found.tiers is None else found.tiers.ladder.thresholds
    return [] if known is None else [float(value) for value in known if value > 0]


def _reset() -> None:
    for field in fields(study.Params):
        if field.name in study.LEVERS:
            st.session_state[field.name] = field.default


# --- the answer in figures and words


def _beside(result: Result) -> None:
    """Every figure, today and in the scenario."""
    say, rows = words(), result.tables["against"]
    shown = pd.DataFrame({
        say("scenarios.columns.figure"): [say(f"studies.scenarios.estimates.{name}.label") for name in rows["figure"]],
        **{say(f"scenarios.{when}"): [_told(row, when) for row in rows.to_dict("records")] for when in ("now", "then")},
    })
    with st.container(border=True, key="figure_scenarios_beside"):
        st.subheader(say("pages.scenarios.beside"), anchor=False)
        st.caption(say("pages.scenarios.beside_note"))
        table(shown)
        with st.container(horizontal=True, key="tools_scenarios_beside"):
            downloads(shown, "tierwise-scenarios-beside")


def _told(row: Mapping[Any, Any], when: str) -> str:
    return told(Unit(row["unit"]), *(row[f"{when}{end}"] for end in ("", "_low", "_high")))


def _assumed(result: Result) -> None:
    """Every assumption with its setting, those that were changed first in bold."""
    say = words()
    with st.container(border=True, key="figure_scenarios_assumed"):
        st.subheader(say("pages.scenarios.assumptions"), anchor=False)
        st.caption(say("pages.scenarios.assumptions_note"))
        st.markdown("\n".join(f"- {_assumption(row)}" for row in result.tables["assumptions"].to_dict("records")))


def _assumption(row: Mapping[Any, Any]) -> str:
    say, setting = words(), row["setting"]
    shown = "" if pd.isna(setting) else say.quantity(setting, Unit(row["unit"]))
    text = literal(say(f"scenarios.assumptions.{row['assumption']}", setting=shown))
    return f"**{text}**" if not pd.isna(row["usual"]) and setting != row["usual"] else text
