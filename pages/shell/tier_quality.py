"""Tier quality on screen: a tab for each part of the answer; the members whose tier flips most easily."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import tier_quality as study
from analytics.studies.tier_quality_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.navigation import page
from pages.shell.open_customer import customers_table
from pages.shell.session import access, version_key
from pages.shell.tabs import tabs
from pages.shell.words import words


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = {"right": _drawn, "data": partial(_data, params), "worth": _worth, "thresholds": _drawn}
    tabs({f"pages.tier_quality.{name}": partial(parts[name], part) for name, part in study.parts(result).items()})


def _drawn(result: Result) -> None:
    cards(result, verdict="stale" in result.tables)
    draw(study.STUDY, result)


def _data(params: study.Params, result: Result) -> None:
    _drawn(result)
    everyone, say = _members(version_key(), params, access(), fingerprint()), words()
    if not len(everyone):
        st.caption(say("pages.tier_quality.sure"))
        return
    with st.container(border=True, key="figure_tier_quality_customers"):
        st.subheader(say("pages.tier_quality.customers"), anchor=False)
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(everyone)), n=len(everyone)))
        customers_table(everyone["customer_id"], named(everyone.head(SHOWN), say), "customers_tier_quality")
        with st.container(horizontal=True, key="tools_tier_quality_customers"):
            downloads(named(everyone, say), "tierwise-tier-quality")


def _worth(result: Result) -> None:
    _drawn(result)
    st.page_link(page("effect"), label=words()("pages.tier_quality.to_effect"), icon=":material/arrow_forward:")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
