"""The economics on screen: each part of the answer in a tab, the ledger behind it in the last."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics.results import Result
from analytics.studies import economics as study
from analytics.studies.economics_figures import named
from pages.shell.cards import cards, say_note
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.navigation import page
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.words import words

SHOWN = 200  # bookings on screen; the files hold all


def economics(result: Result) -> None:
    """The verdict over all tabs; warnings stand where the figures are that they are about."""
    if result.refused is not None:
        cards(result)
    else:
        _told(result)


def _told(result: Result) -> None:
    say = words()
    with st.container(key="verdict"):
        st.markdown(f"#### {say_note(result.verdict)}", anchors=False)
    if "roi" not in result.estimates:
        st.page_link(page("effect"), label=say("pages.economics.to_effect"), icon=":material/science:")
    parts = {f"pages.economics.{name}": partial(_part, part) for name, part in study.parts(result).items()}
    tabs({**parts, "pages.economics.ledger": partial(_ledger, result)})


def _part(result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)


def _ledger(result: Result) -> None:
    """Every booking of the window, as it was classed."""
    say, rows = words(), named(result.tables["ledger"], words())
    with st.container(border=True, key="figure_economics_ledger"):
        st.subheader(say("pages.economics.bookings", n=len(rows)), anchor=False)
        st.caption(say("pages.economics.classed"))
        table(rows.head(SHOWN))
        with st.container(horizontal=True, key="tools_economics_ledger"):
            downloads(rows, "tierwise-ledger")
