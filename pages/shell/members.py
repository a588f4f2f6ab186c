"""From a segment down to its customers, as a table and as a file."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import segments
from analytics.studies.segments_figures import name, named
from analytics.warehouse import open_warehouse
from pages.shell.answer import answer
from pages.shell.ask import ask
from pages.shell.cards import cards
from pages.shell.customer_list import customer_list
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.session import access, version_key
from pages.shell.tables import table
from pages.shell.words import words


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
    if result.refused is not None:
        return
    say = words()
    groups = {segment: name(segment, say) for segment in result.tables["segments"]["segment"]}
    customer_list("segments", "segment", groups, _members(version_key(), params, access(), fingerprint()), partial(named, words=say))


@st.cache_data(max_entries=16, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: segments.Params, access: Access, code: str) -> pd.DataFrame:
    return segments.members(open_warehouse(access), params)

