"""From a segment down to its customers, as a table and as a file."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.studies import segments
from analytics.studies.segments_figures import name, named
from analytics.warehouse import open_warehouse
from pages.shell.answer import answer, code
from pages.shell.ask import ask
from pages.shell.cards import cards
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.session import access, version_key
from pages.shell.tables import table
from pages.shell.words import words

SHOWN = 200


def segments_tab() -> None:
    """The study `segments`: its answer, the rules, the customers themselves."""
    params = ask(segments.STUDY, hidden=("list_size",))
    result = answer(segments.STUDY, params)
    cards(result)
    draw(segments.STUDY, result)
    segments_table(result)
    members_list(params, result)


def segments_table(result: Result) -> None:
    """Every segment with its figures and, in words, the rule that gave it its name."""
    if result.refused is not None:
        return
    say = words()
    with st.container(border=True, key="figure_rules"):
        st.subheader(say("pages.segments.rules"), anchor=False)
        rules = named(result.tables["segments"], say)
        table(rules)
        with st.container(horizontal=True, key="tools_rules"):
            downloads(rules, "tierwise-segments")


def members_list(params: segments.Params, result: Result) -> None:
    """Pick a segment; the customers with the highest sales are shown, the files hold all of them."""
    if result.refused is not None:
        return
    say = words()
    with st.container(border=True, key="figure_members"):
        st.subheader(say("pages.segments.customers"), anchor=False)
        offered = {segment: name(segment, say) for segment in result.tables["segments"]["segment"]}
        chosen = st.selectbox(say("pages.segments.pick"), offered, format_func=offered.get, key="segment", width=320)
        everyone = _members(version_key(), params, access(), code())
        found = everyone[everyone["segment"] == chosen]
        st.caption(say("pages.segments.shown", shown=min(SHOWN, len(found)), n=len(found)))
        table(named(found.head(SHOWN), say))
        with st.container(horizontal=True, key="tools_members"):
            downloads(named(found, say), f"tierwise-segment-{chosen}")


@st.cache_data(max_entries=16, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: segments.Params, access: Access, code: str) -> pd.DataFrame:
    return segments.members(open_warehouse(access), params)

