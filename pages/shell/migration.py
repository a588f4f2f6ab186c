"""Tier movement on screen: a tab for each part of the answer; the members near a threshold; where causes are asked for."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import migration as study
from analytics.studies.migration_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import customer_list
from pages.shell.figures import draw
from pages.shell.navigation import page
from pages.shell.session import access, version_key
from pages.shell.tabs import tabs
from pages.shell.words import words


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = {"moves": _drawn, "time": _drawn, "thresholds": partial(_thresholds, params), "spend": _spend}
    tabs({f"pages.migration.{name}": partial(parts[name], part) for name, part in study.parts(result).items()})


def _drawn(result: Result) -> None:
    cards(result, verdict="matrix" in result.tables)
    draw(study.STUDY, result)


def _thresholds(params: study.Params, result: Result) -> None:
    _drawn(result)
    everyone = _members(version_key(), params, access(), fingerprint())
    if len(everyone):
        say = words()
        places = {place: say(f"migration.positions.{place}") for place in ("near", "below") if (everyone["position"] == place).any()}
        customer_list("migration", "position", places, everyone, lambda frame: named(frame, say))


def _spend(result: Result) -> None:
    _drawn(result)
    st.page_link(page("effect"), label=words()("pages.migration.to_effect"), icon=":material/arrow_forward:")


@st.cache_data(max_entries=8, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
