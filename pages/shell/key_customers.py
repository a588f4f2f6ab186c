"""Key customers on screen: a tab for each part of the answer, each list with its customers a click away and whole as a file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Note, Result
from analytics.settings import fingerprint
from analytics.studies import key_customers as study
from analytics.studies.key_customers_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.open_customer import customers_table
from pages.shell.session import access, version_key
from pages.shell.tabs import tabs
from pages.shell.tile import tile
from pages.shell.words import literal, words

REASONS = ["reason", "short", "alone"]  # told of those outside only


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts: dict[str, Callable[[Result], None]] = {
        "inside": partial(_inside, params), "outside": partial(_outside, params),
        "departments": partial(_departments, params), "audit": _audit,
    }
    tabs({f"pages.key_customers.{name}": partial(parts[name], part) for name, part in study.parts(result).items()})


def _inside(params: study.Params, result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)
    everyone = _members(version_key(), params, access(), fingerprint())
    _list("customers", everyone[everyone["inside"]].drop(columns=REASONS))
    _definitions(params)


def _outside(params: study.Params, result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    everyone = _members(version_key(), params, access(), fingerprint())
    _list("left_out", everyone[~everyone["inside"]])


def _departments(params: study.Params, result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    _list("disputed", _disputed(version_key(), params, access(), fingerprint()))
    _table(result, "departments", "weights")


def _audit(result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    _table(result, "special", "special", note="special_note")
    _table(result, "markets", "markets")


def _list(name: str, everyone: pd.DataFrame) -> None:
    """The first customers on screen, a row leads to its customer; the files hold all of them."""
    say, everyone = words(), everyone.reset_index(drop=True)
    with st.container(border=True, key=f"figure_key_customers_list_{name}"):
        st.subheader(say(f"pages.key_customers.{name}"), anchor=False)
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(everyone)), n=len(everyone)))
        customers_table(everyone["customer_id"], named(everyone.head(SHOWN), say), f"customers_key_{name}")
        with st.container(horizontal=True, key=f"tools_key_customers_list_{name}"):
            downloads(named(everyone, say), f"tierwise-key-customers-{name}")


def _definitions(params: study.Params) -> None:
    """How each score is made of this data; what it lacks is said by the warnings above."""
    say = words()
    with st.container(border=True, key="figure_key_customers_made"):
        st.subheader(say("pages.key_customers.definitions"), anchor=False)
        for score, note in _made(version_key(), params, access(), fingerprint()).items():
            told = say("pages.key_customers.not_measured") if note is None else literal(say.note(note))
            st.markdown(f"- **{say(f'key_customers.scores.{score}')}**: {told}")


def _table(result: Result, name: str, title: str, note: str = "") -> None:
    if name not in result.tables:
        return
    say, key = words(), f"key_customers_table_{name}"
    told = say(f"pages.key_customers.{note}") if note else ""
    tile(key, say(f"pages.key_customers.{title}"), named(result.tables[name], say), f"tierwise-key-customers-{name}", note=told)


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)


@st.cache_data(max_entries=8, show_spinner=False)
def _disputed(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.disputed(open_warehouse(access), params)


@st.cache_data(max_entries=8, show_spinner=False)
def _made(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> dict[str, Note | None]:
    return study.definitions(open_warehouse(access), params)
