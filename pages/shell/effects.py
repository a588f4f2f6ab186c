"""The effect on screen: the gap that is sold, crossed out, beside what can be said; what was tried and checked; groups; a workshop."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from analytics.results import Result
from analytics.studies import effect as study
from analytics.studies.effect_figures import named
from pages.shell.cards import cards, say_note
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.navigation import page
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.words import words
from pages.shell.workshop import has_truth, workshop


def effects(params: study.Params, result: Result) -> None:
    """Each part of the answer in a tab."""
    drawn = {"answer": _answer, "checks": _checks, "groups": _drawn}
    parts = {f"pages.effect.{name}": partial(drawn[name], part) for name, part in study.parts(result).items()}
    tabs({**parts, **({"pages.effect.workshop": partial(workshop, params, result)} if has_truth() else {})})


def sold_and_caused(result: Result) -> None:
    """What is sold as uplift, crossed out, beside the answer and its grade."""
    say, gap = words(), result.estimates.get("naive_gap")
    with st.container(border=True, horizontal=True, key="claim", gap="large"):
        if gap is not None:
            with st.container(key="claim_gap", gap=None):
                st.caption(say("pages.effect.not_sold"))
                st.markdown(f"### ~~{say('pages.effect.gap', sign='+' if gap.value > 0 else '', value=gap)}~~", anchors=False)
                st.caption(say("pages.effect.gap_why"))
        with st.container(key="claim_effect", gap=None):
            grade = result.grade or "D"
            st.caption(f"**{say('pages.effect.grade', grade=grade)}** · {say(f'pages.effect.grade_{grade}')}")
            st.markdown(f"#### {say_note(result.verdict)}", anchors=False)
            if result.refused is not None:
                st.page_link(page("holdout"), label=say("pages.effect.to_holdout"), icon=":material/science:")


def _answer(result: Result) -> None:
    sold_and_caused(result)
    if result.refused is None:
        cards(result, hidden=("naive_gap",), verdict=False)
    else:
        for note in result.warnings:
            st.info(say_note(note), icon=":material/science:")
    _drawn(result)
    _tried(result)


def _drawn(result: Result) -> None:
    """Figures, those of a refusal too: they describe, and show why."""
    draw(study.STUDY, replace(result, refused=None))


def _tried(result: Result) -> None:
    """Every design, with its number or with what the data lacks for it."""
    if "designs" not in result.tables:
        return
    say = words()
    with st.container(border=True, key="figure_effect_tried"):
        st.subheader(say("pages.effect.tried"), anchor=False)
        for row, reason in zip(result.tables["designs"].to_dict("records"), study.reasons(result), strict=True):
            name, method = (say(f"effect.designs.{row['design']}.{part}") for part in ("name", "method"))
            st.markdown(f"**{name}** · {say('pages.effect.grade', grade=row['grade'])}  \n:gray[{method}]")
            st.markdown(say_note(reason))


def _checks(result: Result) -> None:
    say, made = words(), result.tables.get("checks")
    if made is not None and len(made):
        with st.container(border=True, key="figure_effect_checks"):
            st.subheader(say("pages.effect.checked"), anchor=False)
            shown = named(made, say)
            table(shown)
            with st.container(horizontal=True, key="tools_effect_checks"):
                downloads(shown, "tierwise-effect-checks")
    _drawn(result)

