"""Fairness on screen: a tab for each part of the answer; what to ask next; every comparison; definitions and the report."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from analytics.results import Result
from analytics.studies import fairness as study
from analytics.studies.fairness_figures import named
from pages.shell.audit import download
from pages.shell.cards import cards, say_note
from pages.shell.figures import draw
from pages.shell.tabs import tabs
from pages.shell.tile import tile
from pages.shell.words import words

SHOWN = 200  # comparisons on screen; the files hold all


def shown(result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = study.parts(result)
    drawn = {f"pages.fairness.{name}": partial(_gaps if name == "gaps" else _part, part) for name, part in parts.items()}
    tabs({**drawn, "pages.fairness.report": partial(_report, result)})


def _gaps(result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)
    _asks(result)
    for name in ("readings", "gaps"):
        if name in result.tables:
            _table(name, result.tables[name])


def _part(result: Result) -> None:
    cards(result, verdict=False)
    draw(study.STUDY, result)
    if "measures" in result.tables:
        _table("measures", result.tables["measures"])


def _asks(result: Result) -> None:
    """For each reading in which something stands out, the question that comes next."""
    readings = result.tables["readings"]
    open_ = readings.loc[readings["flagged"] > 0, "reading"]
    if len(open_):
        with st.container(border=True, key="figure_fairness_ask"):
            st.subheader(words()("pages.fairness.ask"), anchor=False)
            st.markdown("\n".join(f"- {words()(f'pages.fairness.asks.{reading}')}" for reading in open_))


def _table(name: str, rows: pd.DataFrame) -> None:
    say = words()
    heading = say(f"pages.fairness.{'every' if name == 'gaps' else name}")
    tile(f"fairness_{name}", heading, named(rows, say), f"tierwise-fairness-{name}", most=SHOWN)


def _report(result: Result) -> None:
    """What is compared with what, which readings exclude each other, the pointers to the law."""
    say = words()
    with st.container(border=True, key="figure_fairness_definitions"):
        st.subheader(say("pages.fairness.definitions"), anchor=False)
        st.markdown(say(f"studies.{study.STUDY.id}.method"))
        st.markdown(say_note(next(note for note in result.warnings if note.key.endswith("incompatible"))))
        st.markdown(say("pages.fairness.law"))
        download()
