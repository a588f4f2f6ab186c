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
from pages.shell.customer_list import customer_list
from pages.shell.downloads import downloads
from pages.shell.figures import draw
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
    if "thresholds" in result.tables:
        _threshold(result.tables["thresholds"])
    draw(study.STUDY, result)
    _customers(params)


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
def _threshold(money: pd.DataFrame) -> None:
    """What contacting everyone from a risk on costs and brings. It starts where profit is highest."""
    say, best = words(), int(money["threshold"].iloc[money["profit"].argmax()] * 100)
    with st.container(border=True, key="threshold"):
        asked = st.slider(say("pages.churn.slider"), 0, 100, best, format="%d%%", key="threshold_percent")
        row = money.iloc[asked]
        st.markdown(f"**{say('pages.churn.contacted', n=int(row['contacted']), leavers=round(row['leavers']))}**")
        with st.container(horizontal=True):
            st.metric(say("pages.churn.cost"), say.quantity(row["cost"], Unit.MONEY, compact=True), help=say("pages.churn.cost_help"))
            st.metric(say("pages.churn.profit"), say.quantity(row["profit"], Unit.MONEY, compact=True), help=say("pages.churn.profit_help"))
        low, high = (say.money(row[end], compact=True) for end in ("low", "high"))
        st.caption(say("units.interval", level=say.share(0.95, digits=0), low=low, high=high))


def _customers(params: study.Params) -> None:
    say = words()
    everyone = _members(version_key(), params, access(), fingerprint())
    sizes = everyone["action"].value_counts()
    groups = {str(key): say(f"churn.actions.{key}") for key in sizes.index if key != "leave"} | {"leave": say("churn.actions.leave")}
    groups = {key: name for key, name in groups.items() if key in sizes.index}
    customer_list("churn", "action", groups, everyone, partial(named, words=say))


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
