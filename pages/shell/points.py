"""Points on screen: a tab for each part of the answer; the ledger's check, what is sold as breakage, working paper, list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.reports.working_paper import About, working_paper
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import points as study
from analytics.studies.points_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards, say_note
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import XLSX, downloads
from pages.shell.figures import draw
from pages.shell.open_customer import customers_table
from pages.shell.session import access, version, version_key, warehouse, workspace
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.words import words


def shown(params: study.Params, result: Result) -> None:
    """Each part of the answer in a tab; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    drawn: dict[str, Callable[[Result], None]] = {
        "balance": _balance, "redemption": _redemption, "revenue": partial(_revenue, params), "members": partial(_members_tab, params)
    }
    tabs({f"pages.points.{name}": partial(drawn[name], part) for name, part in study.parts(result).items()})


def _balance(result: Result) -> None:
    cards(result)
    _adds_up(result)
    draw(study.STUDY, result)


def _adds_up(result: Result) -> None:
    """The identity, and the same total found in two other ways."""
    say, lines = words(), result.tables["identity"]
    points = lines.set_index("item")["points"]
    ledger, customers, lots = (points[name] for name in ("outstanding", "balances", "lots"))
    with st.container(border=True, key="figure_points_identity"):
        st.subheader(say("pages.points.identity"), anchor=False)
        if ledger == customers == lots:
            st.success(say("pages.points.identity_holds", total=ledger), icon=":material/check_circle:")
        else:
            st.error(say("pages.points.identity_broken", ledger=ledger, customers=customers, lots=lots), icon=":material/error:")
        told = named(lines, say)
        people = [say.number(n) if pd.notna(n) else "" for n in lines["customers"]]
        table(told.assign(**{say("points.columns.customers"): people}))
        with st.container(horizontal=True, key="tools_points_identity"):
            downloads(told, "tierwise-points-identity")


def _redemption(result: Result) -> None:
    _claim(result)
    cards(result, hidden=("breakage",), verdict=False)
    draw(study.STUDY, result)


def _claim(result: Result) -> None:
    """What is sold as breakage, crossed out, beside breakage, or beside why it is not told."""
    say, lots, breakage = words(), result.tables["vintages"], result.estimates.get("breakage")
    naive = 1 - lots["redeemed"].sum() / lots["issued"].sum()
    with st.container(border=True, horizontal=True, key="claim", gap="large"):
        with st.container(key="claim_gap", gap=None):
            st.caption(say("pages.points.not_breakage"))
            st.markdown(f"### ~~{say.share(naive)}~~", anchors=False)
            st.caption(say("pages.points.not_breakage_why"))
        with st.container(key="claim_effect", gap=None):
            st.caption(say("pages.points.estimated"))
            if breakage is not None:
                st.markdown(f"### {say.share(breakage.value)}", anchors=False)
                st.caption(f"{say.interval(breakage)} · n = {say.number(breakage.n)}")
            else:
                st.markdown(f"#### {say_note(result.verdict)}", anchors=False)


def _revenue(params: study.Params, result: Result) -> None:
    """The deferral and its working paper; without it, what it lacks."""
    cards(result, verdict=False)
    draw(study.STUDY, result)
    if "schedule" not in result.tables:
        return
    say = words()
    with st.container(border=True, key="figure_points_paper"):
        st.subheader(say("pages.points.schedule"), anchor=False)
        table(named(result.tables["schedule"], say))
        with st.container(horizontal=True, key="tools_points_paper"):
            st.download_button(
                say("pages.points.paper"), partial(_paper, params), f"tierwise-{workspace()}-working-paper.xlsx", XLSX,
                key="points_paper", on_click="ignore", icon=":material/calculate:", type="tertiary", help=say("pages.points.paper_help"),
            )


def _paper(params: study.Params) -> bytes:
    made = study.working_paper(warehouse(), params)
    if made is None:
        raise LookupError("a working paper was offered that the data does not allow")
    about = About(workspace=workspace(), version=version().number, as_of=warehouse().as_of)
    return working_paper(*made, words(), about)


def _members_tab(params: study.Params, result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    everyone = _members(version_key(), params, access(), fingerprint())
    if len(everyone):
        _never(everyone)


def _never(everyone: pd.DataFrame) -> None:
    """Who has earned, holds points and never redeemed."""
    say = words()
    with st.container(border=True, key="figure_points_customers"):
        st.subheader(say("pages.points.customers"), anchor=False)
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(everyone)), n=len(everyone)))
        customers_table(everyone["customer_id"], named(everyone.head(SHOWN), say), "customers_points")
        with st.container(horizontal=True, key="tools_points_customers"):
            downloads(named(everyone, say), "tierwise-points-never-redeemed")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
