"""The data's quality as a tab of the page Data: the study `quality` without a page of its own."""

from __future__ import annotations

import streamlit as st

from analytics.studies import CATALOGUE
from pages.shell.answer import answer
from pages.shell.cards import cards
from pages.shell.empty import nothing_loaded
from pages.shell.figures import draw
from pages.shell.session import version
from pages.shell.words import words


def quality_tab() -> None:
    if not version().number:
        nothing_loaded()
        return
    study = CATALOGUE["quality"]
    st.markdown(f":gray[{words()(f'studies.{study.id}.method')}]")
    result = answer(study, study.params())
    cards(result)
    draw(study, result)
