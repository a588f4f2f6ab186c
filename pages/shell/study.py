"""A study as a tab of another page: its own question and method, its widgets, its answer."""

from __future__ import annotations

import streamlit as st

from analytics.studies import CATALOGUE
from pages.shell.answer import answer
from pages.shell.ask import ask
from pages.shell.cards import cards
from pages.shell.figures import draw
from pages.shell.words import words


def study_tab(name: str) -> None:
    study, say = CATALOGUE[name], words()
    st.markdown(f"**{say(f'studies.{name}.question')}** :gray[{say(f'studies.{name}.method')}]")
    result = answer(study, ask(study))
    cards(result)
    draw(study, result)
