"""Dependency on screen: a tab for each part of the answer; the customers to look at, and what can be said about stopping rewards."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import dependency as study
from analytics.studies.dependency_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.navigation import PAGES, page
from pages.shell.open_customer import customers_table
from pages.shell.session import access, version_key
from pages.shell.tabs import tabs
from pages.shell.tile import tile
from pages.shell.words import words

LEADS = {"experiments": "campaigns", "withheld": "holdout", "paused": "effect"}


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = {"much": _much, "who": partial(_who, params), "rewards": _rewards, "stop": _stop}
    tabs({f"pages.dependency.{name}": partial(parts[name], part) for name, part in study.parts(result).items()})


def _much(result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)


def _rewards(result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    if "moved" in result.tables:
        _table(result, "moved")


def _who(params: study.Params, result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    everyone = _members(version_key(), params, access(), fingerprint())
    if len(everyone):
        _customers(everyone)
    else:
        st.caption(words()("pages.dependency.nobody"))


def _customers(everyone: pd.DataFrame) -> None:
    """Those who probably buy on offer mostly, the ones with most money first."""
    say = words()
    with st.container(border=True, key="figure_dependency_customers"):
        st.subheader(say("pages.dependency.customers"), anchor=False)
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(everyone)), n=len(everyone)))
        customers_table(everyone["customer_id"], named(everyone.head(SHOWN), say), "customers_dependency")
        with st.container(horizontal=True, key="tools_dependency_customers"):
            downloads(named(everyone, say), "tierwise-dependency")


def _stop(result: Result) -> None:
    """What the numbers do not say, what the data holds that could, and where to go on."""
    say = words()
    with st.container(border=True, key="figure_dependency_stop"):
        st.subheader(say("pages.dependency.stop_title"), anchor=False)
        st.markdown(say("pages.dependency.stop_cannot"))
        for row in result.tables["removals"].to_dict("records"):
            told = f"dependency.removed.{row['source']}.{'found' if row['found'] else 'lacking'}"
            last = say.month(row["last"]) if row["found"] and not pd.isna(row["last"]) else ""
            st.markdown(f"- {say(told, n=row['found'], last=last)}")
        for name in dict.fromkeys(_leads(result)):
            st.page_link(page(name), label=say(f"pages.dependency.to_{name}"), icon=":material/arrow_forward:")
    _table(result, "removals")


def _leads(result: Result) -> list[str]:
    """Where what was found is evaluated; a test to be made, and a labelled scenario, always."""
    found = [LEADS[row["source"]] for row in result.tables["removals"].to_dict("records") if row["found"]]
    return [name for name in (*found, "holdout", "scenarios") if (PAGES / f"{name}.py").exists()]


def _table(result: Result, name: str) -> None:
    say = words()
    told = named(result.tables[name].dropna(axis="columns", how="all"), say)
    tile(f"dependency_{name}", say(f"pages.dependency.{name}"), told, f"tierwise-dependency-{name}")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
