"""What segments and customers are likely to need next: the study, then its customers by category."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import next_need as study
from analytics.studies.next_need_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.answer import answer
from pages.shell.ask import ask
from pages.shell.cards import cards
from pages.shell.customer_list import customer_list
from pages.shell.figures import draw
from pages.shell.session import access, version_key
from pages.shell.words import words


def needs_tab() -> None:
    """The study `next_need`: its question, its answer, the customers behind each category."""
    say = words()
    st.markdown(f"**{say('studies.next_need.question')}** :gray[{say('studies.next_need.method')}]")
    params = ask(study.STUDY, hidden=("list_size",))
    result = answer(study.STUDY, params)
    cards(result)
    draw(study.STUDY, result)
    if result.refused is None:
        _customers(result)


def _customers(result: Result) -> None:
    table = result.tables["overall"].query("first > 0")
    groups = {str(name): str(name) for name in table["category"]}
    everyone = _members(version_key(), access(), fingerprint())
    customer_list("next_need", "first", groups, everyone, partial(named, words=words()))


@st.cache_data(max_entries=4, show_spinner=False)
def _members(version_key: tuple[str, int, str], access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access))
