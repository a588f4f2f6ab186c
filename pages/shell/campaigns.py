"""Campaigns on screen: a tab for each part of the answer; the customers at the top of the ranking, as a table and as a file."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import campaigns as study
from analytics.studies.campaigns_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.open_customer import customers_table
from pages.shell.session import access, version_key
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.words import words


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone, with what became of each experiment."""
    if result.refused is not None:
        cards(result)
        _tables(result, ("tests",))
        return
    parts = {"caused": _caused, "who": partial(_who, params), "response": _drawn}
    tabs({_label(name, part): partial(parts[name], part) for name, part in study.parts(result).items()})


def _label(name: str, part: Result) -> str:
    """Without a lot nobody is known to be moved: the tab says who responds."""
    return "pages.campaigns.responds" if "tenths" in part.tables else f"pages.campaigns.{name}"


def _drawn(result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)


def _caused(result: Result) -> None:
    st.caption(f"**{words()(f'pages.campaigns.grade_{result.grade}')}**")
    _drawn(result)
    _tables(result, ("tests", "together"))


def _who(params: study.Params, result: Result) -> None:
    _drawn(result)
    _tables(result, ("rankings",))
    everyone = _members(version_key(), params, access(), fingerprint())
    if len(everyone):
        _customers(everyone)


def _tables(result: Result, names: tuple[str, ...]) -> None:
    """Small tables that stand under the figures."""
    say = words()
    for name in names:
        if name in result.tables:
            with st.container(border=True, key=f"figure_campaigns_{name}"):
                st.subheader(say(f"pages.campaigns.{name}"), anchor=False)
                told = named(result.tables[name].dropna(axis="columns", how="all"), say)
                table(told)
                with st.container(horizontal=True, key=f"tools_campaigns_{name}"):
                    downloads(told, f"tierwise-campaigns-{name}")


@st.fragment
def _customers(everyone: pd.DataFrame) -> None:
    """The first of the ranking that can be stood by: by effect where a lot tells customers apart, else by response."""
    say, by = words(), "uplift" if "uplift" in everyone else "response"
    with st.container(border=True, key="figure_campaigns_customers"):
        st.subheader(say(f"pages.campaigns.customers_{by}"), anchor=False)
        asked = st.slider(say("pages.campaigns.from_place"), 5, 100, 30, step=5, format="%d%%", key=f"first_{by}")
        found = everyone.head(round(len(everyone) * asked / 100))
        st.markdown(f"**{say('pages.campaigns.picked', n=len(found))}**")
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(found)), n=len(found)))
        customers_table(found["customer_id"], named(found.head(SHOWN), say), "customers_campaigns")
        with st.container(horizontal=True, key="tools_campaigns_customers"):
            downloads(named(found, say), f"tierwise-campaigns-{asked}")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
