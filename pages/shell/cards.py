"""The answer at a glance: the finding in a sentence, then at most seven figures, all drawn alike."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.results import Estimate, Note, Result
from pages.shell.sparkline import sparkline
from pages.shell.words import literal_facts, words

MOST = 7


def cards(result: Result, *, hidden: tuple[str, ...] = (), verdict: bool = True) -> None:
    """Verdict, figures with interval, change and course, then what a reader must know before believing them.

    hidden   estimates that the page shows in another way
    verdict  False where the page has said it already
    """
    if result.refused is not None:
        st.info(say_note(result.refused), icon=":material/help:")
        return
    if verdict:
        with st.container(key="verdict"):
            st.markdown(f"#### {say_note(result.verdict)}", anchors=False)
    shown = [(name, estimate) for name, estimate in result.estimates.items() if name not in hidden][:MOST]
    with st.container(key=f"cards_{len(shown)}"):
        for name, estimate in shown:
            _card(result, name, estimate)
    for note in result.warnings:
        st.warning(say_note(note), icon=":material/info:")


def _card(result: Result, name: str, estimate: Estimate) -> None:
    """One figure: label (definition on hover), value, change against what, the months behind it, interval and n."""
    say = words()
    change, against = _change(result, name)
    with st.container(border=True, key=f"card_{result.study}_{name}", gap=None):
        st.metric(
            say(f"studies.{result.study}.estimates.{name}.label"), say.quantity(estimate.value, estimate.unit, compact=True),
            help=say(f"studies.{result.study}.estimates.{name}.help"),
            delta=change, delta_color="off", delta_description=against,
        )
        if course := _course(result, name):
            sparkline(course, estimate.unit)
        st.caption(f"{say.interval(estimate)} · n = {say.number(estimate.n)}")


def _course(result: Result, name: str) -> list[float] | None:
    """The months of the figure, oldest first, where the study's table `trend` tells them."""
    trend = result.tables.get("trend")
    course = [] if trend is None or name not in trend else [float(value) for value in trend[name].dropna()]
    return course if len(course) > 2 else None


def _change(result: Result, name: str) -> tuple[str | None, str | None]:
    """The change with its sign and against what, where the study's table `changes` tells them."""
    changes = result.tables.get("changes")
    found = None if changes is None or "estimate" not in changes else changes[changes["estimate"] == name]
    if found is None or found.empty:
        return None, None
    say, row = words(), found.iloc[0]
    return say.change(float(row["now"]), float(row["before"]), result.estimates[name].unit), _against(row)


def _against(row: pd.Series) -> str:
    """What a change is one on: so many months before, or what its study names."""
    say = words()
    if "against" in row:
        return say(row["against"])
    return say("shell.against_month_before") if row["months"] == 1 else say("shell.against_before", months=int(row["months"]))


def say_note(note: Note) -> str:
    """A note in the session's words; its facts may come from a file and are shown literally."""
    return words().note(Note(key=note.key, facts=literal_facts(note.facts)))
