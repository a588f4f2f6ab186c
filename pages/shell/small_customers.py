"""Small customers on screen: a tab for each part of the answer, the model's record, the list of those expected to grow."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import small_customers as study
from analytics.studies.small_customers_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.open_customer import customers_table
from pages.shell.session import access, version_key
from pages.shell.tabs import tabs
from pages.shell.tile import tile
from pages.shell.words import words


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = {"attention": _attention, "growth": _growth, "gems": partial(_gems, params), "neglect": _neglect}
    tabs({f"pages.small_customers.{name}": partial(parts[name], part) for name, part in study.parts(result).items()})


def _attention(result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)
    _table(result, "attention", "shares")


def _growth(result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    if "quality" in result.tables:
        _table(result, "quality", "quality")


def _neglect(result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)


def _gems(params: study.Params, result: Result) -> None:
    """Those expected to grow, the best chance first."""
    cards(result, verdict=False)
    say, everyone = words(), _members(version_key(), params, access(), fingerprint())
    with st.container(border=True, key="figure_small_customers"):
        st.subheader(say("pages.small_customers.customers"), anchor=False)
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(everyone)), n=len(everyone)))
        customers_table(everyone["customer_id"], named(everyone.head(SHOWN), say), "customers_small")
        with st.container(horizontal=True, key="tools_small_customers"):
            downloads(named(everyone, say), "tierwise-small-customers")


def _table(result: Result, name: str, title: str) -> None:
    say = words()
    told = named(result.tables[name].dropna(axis="columns", how="all"), say)
    tile(f"small_{name}", say(f"pages.small_customers.{title}"), told, f"tierwise-small-customers-{name}")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
