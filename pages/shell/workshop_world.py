"""Another world of the demo on its way: made, imported and fitted in subprocesses, beside the workspace that stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from analytics import demo, jobs, store
from analytics.access import Access
from analytics.errors import UserError
from analytics.marts.build import open_current
from analytics.studies import CATALOGUE
from analytics.studies.base import Study
from analytics.studies.effect_truth import beside, campaign, measure_of, usual
from pages.shell.errors import explain, user_errors
from pages.shell.session import version, workspace
from pages.shell.steps import steps
from pages.shell.words import words

_BESIDE = "-workshop"


@dataclass(frozen=True, kw_only=True)
class Played:
    """A world: what is not as usual in it, and each method beside its truth (see studies.effect_truth)."""

    switches: tuple[str, ...]
    rows: pd.DataFrame


@dataclass
class Making:
    """One world on its way in this session: what is at work now, and what comes after it. job None: done with, or it failed."""

    study: Study
    params: Any
    switches: tuple[str, ...]
    place: str
    job: demo.Making | jobs.Job | None
    ahead: Iterator[jobs.Job]
    failed: UserError | None = None


def sibling(name: str) -> str:
    """The workspace in which other worlds are made. A world made there is made over."""
    return name if name.endswith(_BESIDE) else f"{name}{_BESIDE}"


def played() -> list[Played]:
    """The worlds this session has seen, of this workspace and language."""
    found: dict[tuple[str, str], list[Played]] = st.session_state.setdefault("workshop_played", {})
    return found.setdefault((sibling(workspace()), version().demo), [])


def begin(study: str, params: Any, switches: tuple[str, ...]) -> None:
    """Make the demo with these switches; what was on its way is given up."""
    give_up()
    place = sibling(workspace())
    off = [name for name in switches if usual(name)]
    on = [name for name in switches if not usual(name)]
    asked = CATALOGUE[study]
    st.session_state["workshop_making"] = Making(
        study=asked, params=params, switches=switches, place=place,
        job=demo.Making(place, version().demo, off=off, on=on),
        ahead=(jobs.start_fit(place, fit, wanted) for fit, wanted in asked.fits(params)),
    )


def give_up() -> None:
    making: Making | None = st.session_state.pop("workshop_making", None)
    if making is not None and making.job is not None:
        making.job.cancel()


def world() -> None:
    """Where the world stands that is being made, if one is."""
    making: Making | None = st.session_state.get("workshop_making")
    if making is None:
        return
    if making.failed:
        explain(making.failed)
    elif making.job is not None:
        _progress()


@st.fragment(run_every=0.5)
def _progress() -> None:
    with user_errors():
        _watch()


def _watch() -> None:
    making: Making | None = st.session_state.get("workshop_making")
    if making is None or making.job is None:
        return
    now, say = making.job.progress(), words()
    if now.done:
        _go_on(making)
        st.rerun()
    with st.container(border=True, key="progress"):
        st.markdown(f"**{say('workshop.making')}**")
        st.markdown(steps(_steps(making), now.step))
        st.progress(min(1.0, now.rows / now.total) if now.total else 0.0)
        if st.button(say("fits.cancel"), icon=":material/close:", key="workshop_cancel"):
            give_up()
            st.rerun()


def _steps(making: Making) -> dict[str, str]:
    say = words()
    fits = {step: say(f"fits.{fit.id}.{step}") for fit, _ in making.study.fits(making.params) for step in fit.steps}
    return {**{step: say(f"steps.{step}") for step in demo.STEPS}, **fits}


def _go_on(making: Making) -> None:
    """Take the result of what is done and begin what comes next; after the last, the answer."""
    job, making.job = making.job, None
    try:
        if job is not None:
            job.result()
        making.job = next(making.ahead, None)
        if making.job is None:
            _answered(making)
            st.session_state.pop("workshop_making")
    except UserError as error:
        making.failed = error


def _answered(making: Making) -> None:
    """The same question of that world, kept beside this one."""
    house = open_current(Access(workspace=making.place, min_cell=version().settings.min_cell))
    known = demo.truth(store.current(making.place))
    if known is not None:
        result = making.study.run(house, making.params)
        drawn = campaign(house, known, measure_of(result))
        rows = beside(result, known, rate=making.params.margin or 1.0, drawn=drawn)
        seen = played()
        seen[:] = [*(one for one in seen if one.switches != making.switches), Played(switches=making.switches, rows=rows)]
