"""The lifecycle on screen: customers and deals in a tab each where there are both; from a stage down to its customers."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import lifecycle as study
from analytics.studies.lifecycle_figures import named, stage
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import customer_list
from pages.shell.figures import draw
from pages.shell.session import access, version_key
from pages.shell.tabs import tabs
from pages.shell.words import words


def lifecycle(params: study.Params, result: Result) -> None:
    """Each part of the answer; tabs only where there are several."""
    parts = study.parts(result)
    if len(parts) > 1:
        tabs({f"pages.lifecycle.tabs.{name}": partial(_part, params, part) for name, part in parts.items()})
    else:
        for part in parts.values():
            _part(params, part)


def _part(params: study.Params, result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)
    if "stages" in result.tables:
        _customers(params, result)


def _customers(params: study.Params, result: Result) -> None:
    say = words()
    groups = {key: stage(key, say) for key in result.tables["stages"].query("customers > 0")["stage"]}
    everyone = _members(version_key(), params, access(), fingerprint())
    customer_list("lifecycle", "stage", groups, everyone, partial(named, words=say), first="slipping")


@st.cache_data(max_entries=16, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
