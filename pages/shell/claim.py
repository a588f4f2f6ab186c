"""The first thing on the first page: the figure that is sold as uplift, crossed out, beside what the programme causes, with its grade."""

from __future__ import annotations

import streamlit as st

from analytics.results import Result
from analytics.studies.base import defaults
from analytics.studies.effect import STUDY as EFFECT
from analytics.studies.effect import way
from pages.shell.answer import answer
from pages.shell.cards import say_note
from pages.shell.errors import user_errors
from pages.shell.navigation import page
from pages.shell.session import version
from pages.shell.words import words


def claim(result: Result) -> None:
    """Nothing where there are no two groups to compare. What is not worked out yet is worked out here, once for each version."""
    if "naive_gap" not in result.estimates:
        return
    with st.container(border=True, key="claim_box"), user_errors():
        _sentence(answer(EFFECT, defaults(EFFECT, version().settings)))


def _sentence(effect: Result) -> None:
    """One sentence in currency, or the refusal; then why the first figure is none."""
    say, gap = words(), effect.estimates.get("naive_gap")
    if gap is None:
        return
    sold = say("pages.effect.gap", sign="+" if gap.value > 0 else "", value=gap)
    facts: dict[str, object] = {"gap": sold, "grade": effect.grade or "D"}
    if effect.refused is None:
        told = effect.estimates["effect"]
        facts |= {"effect": told, "low": say.money(told.low, compact=True), "high": say.money(told.high, compact=True)}
    st.markdown(f"### {say(f'overview.claim.{way(effect)}', **facts)}", anchors=False)
    groups = effect.tables["gap"].set_index("group")
    counts = {name: int(groups.loc[name, "customers"]) for name in ("members", "others")}
    how = f"overview.claim.how.{groups['measure'].iloc[0]}"
    st.caption(say(how, interval=say.interval(gap), months=int(groups["months"].iloc[0]), **counts) + " " + say("overview.claim.why"))
    st.markdown(say_note(effect.verdict))
    for note in effect.warnings:
        if note.key == "effect.warnings.followed":
            st.caption(say_note(note))
    st.page_link(page("effect"), label=say("overview.claim.open"), icon=":material/arrow_forward:")
