"""Churn on screen: a tab for each part of the answer, a threshold in money, the early-warning list."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result, Unit
from analytics.settings import fingerprint
from analytics.studies import churn as study
from analytics.studies.churn_figures import named
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


def leaving(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = {"who": partial(_who, params), "why": _drawn, "trust": _trust, "stay": _drawn}
    found = study.parts(result)
    tabs({f"pages.churn.{name}": partial(parts[name], part) for name, part in found.items()})


def _who(params: study.Params, result: Result) -> None:
    cards(result)
    _early_warning(_members(version_key(), params, access(), fingerprint()), result.tables.get("thresholds"))
    draw(study.STUDY, result)


def _drawn(result: Result) -> None:
    draw(study.STUDY, result)


def _trust(result: Result) -> None:
    say = words()
    cards(result)
    draw(study.STUDY, result)
    with st.container(border=True, key="figure_models"):
        st.subheader(say("pages.churn.models"), anchor=False)
        tried = named(result.tables["models"], say)
        table(tried)
        with st.container(horizontal=True, key="tools_models"):
            downloads(tried, "tierwise-churn-models")


@st.fragment
def _early_warning(everyone: pd.DataFrame, money: pd.DataFrame | None) -> None:
    """Customers from a risk on, the most at stake first, and what contacting them costs and brings where money is known."""
    say = words()
    with st.container(border=True, key="figure_early_warning"):
        st.subheader(say("pages.churn.customers"), anchor=False)
        start = _start(everyone, money)  # in the key, so that other data or costs start at their own
        asked = st.slider(say("pages.churn.slider"), 0, 100, start, format="%d%%", key=f"threshold_{start}")
        found = everyone[everyone["risk"] >= asked / 100].reset_index(drop=True)
        st.markdown(f"**{say('pages.churn.contacted', n=len(found), leavers=round(found['risk'].sum()))}**")
        if money is not None:
            _money(money.iloc[asked])
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(found)), n=len(found)))
        shown = found.dropna(axis="columns", how="all")
        customers_table(found["customer_id"], named(shown.head(SHOWN), say), "customers_churn")
        with st.container(horizontal=True, key="tools_early_warning"):
            downloads(named(shown, say), f"tierwise-churn-{asked}")


def _start(everyone: pd.DataFrame, money: pd.DataFrame | None) -> int:
    """Where profit is highest, if any offer pays; else the risk of the first tenth."""
    if money is not None and money["profit"].max() > 0:
        return round(100 * float(money["threshold"].iloc[money["profit"].argmax()]))
    return int(100 * everyone["risk"].quantile(0.9))


def _money(row: pd.Series) -> None:
    say = words()
    low, high = (say.money(row[end], compact=True) for end in ("low", "high"))
    with st.container(horizontal=True):
        st.metric(say("pages.churn.cost"), say.quantity(row["cost"], Unit.MONEY, compact=True), help=say("pages.churn.cost_help"))
        st.metric(say("pages.churn.profit"), say.quantity(row["profit"], Unit.MONEY, compact=True), help=say("pages.churn.profit_help"))
    st.caption(say("units.interval", level=say.share(0.95, digits=0), low=low, high=high))


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
