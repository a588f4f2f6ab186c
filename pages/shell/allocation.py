"""Allocation on screen: a tab for each part of the answer, with its table by segment."""

from __future__ import annotations

from functools import partial

import streamlit as st

from analytics.results import Result
from analytics.studies import allocation as study
from analytics.studies.allocation_figures import named
from pages.shell.cards import cards
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.words import words

LISTED = {"present": ("present", "budget"), "changes": ("changes", "list")}  # tab -> its table by segment, and how it is headed


def shown(result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = study.parts(result)
    tabs({f"pages.allocation.{name}": partial(_part, name, part) for name, part in parts.items()})


def _part(name: str, result: Result) -> None:
    cards(result, verdict=name == "present")
    draw(study.STUDY, result)
    if name in LISTED:
        _table(result, *LISTED[name])


def _table(result: Result, name: str, title: str) -> None:
    say = words()
    with st.container(border=True, key=f"figure_allocation_list_{name}"):
        st.subheader(say(f"pages.allocation.{title}"), anchor=False)
        told = named(result.tables[name], say)
        table(told)
        with st.container(horizontal=True, key=f"tools_allocation_list_{name}"):
            downloads(told, f"tierwise-allocation-list-{name}")
