"""What the importer must not guess: each question of a file as a choice; its answer becomes part of the file's Answers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from analytics.intake.report import Answers, FilePlan, Question
from pages.shell.notes import file_name
from pages.shell.words import literal, literal_facts, words

_OPTIONS = {"date_order": "data.date_orders", "table": "data.tables"}
_MARKS = {
    "decimal": {".": "data.decimals.point", ",": "data.decimals.comma"},
    "total": {"order": "data.totals.order", "line": "data.totals.line"},
}


def decide(plan: FilePlan, answers: Answers) -> Answers:
    """Ask what the plan asks; returns the answers with what has been chosen so far."""
    if not plan.questions:
        return answers
    with st.container(border=True, key=f"questions_{_slug(plan.path)}"):
        st.markdown(f":material/contact_support: **{words()('data.import.questions')}** — {literal(file_name(plan.path))}")
        for place, question in enumerate(plan.questions):
            answers = _ask(plan, question, answers, f"{question.key}_{place}_{_slug(plan.path)}")
    return answers


def answered(question: Question, answers: Answers) -> bool:
    """Whether the answers settle the question."""
    match question.key:
        case "columns":
            return set(_lacking(question)) <= {target.split(".")[-1] for target in answers.mapping.values()}
        case "rates":
            return set(question.options) <= set(answers.rates)
        case "holdout":
            return set(question.options) <= set(answers.holdout)
        case key:
            return getattr(answers, key) is not None


def _facts(question: Question) -> dict[str, object]:
    """The facts of the wording; lacking columns by their names in the language."""
    if question.key != "columns":
        return literal_facts(question.facts)
    return {"columns": ", ".join(words()(f"data.columns.{name}") for name in _lacking(question))}


def _ask(plan: FilePlan, question: Question, answers: Answers, key: str) -> Answers:
    text = words()(f"questions.{question.key}", **_facts(question))
    match question.key:
        case "columns":
            return replace(answers, mapping={**answers.mapping, **_columns(text, plan, question, key)})
        case "rates":
            return replace(answers, rates={**answers.rates, **_rates(text, question.options, key)})
        case "holdout":
            return replace(answers, holdout={**answers.holdout, **_meanings(text, question.options, key)})
        case "currency" if not question.options:
            typed = st.text_input(text, key=key, max_chars=3, width=240).strip().upper()
            return replace(answers, currency=typed) if typed else answers
        case field:
            chosen = st.radio(text, question.options, index=None, format_func=lambda option: _option(field, option), key=key)
            return replace(answers, **{field: chosen}) if chosen else answers


def _columns(text: str, plan: FilePlan, question: Question, key: str) -> dict[str, str]:
    """For each column that is lacking, which of the file's own columns it is."""
    st.markdown(text)
    table = plan.table or "transactions"
    look: dict[str, Any] = {"index": None, "placeholder": words()("questions.not_in_file"), "width": 320}
    names = {name: words()(f"data.columns.{name}") for name in _lacking(question)}
    chosen = {name: st.selectbox(label, question.options, key=f"{key}_{name}", **look) for name, label in names.items()}
    return {source: f"{table}.{name}" for name, source in chosen.items() if source}


def _lacking(question: Question) -> list[str]:
    return str(question.facts["columns"]).split(", ")


def _option(field: str, option: str) -> str:
    """What an option means, in words where it has any; else as it stands in the file."""
    key = _MARKS.get(field, {}).get(option) or f"{_OPTIONS.get(field, '')}.{option}"
    return words()(key) if words().has(key) else literal(option)


def _rates(text: str, currencies: tuple[str, ...], key: str) -> dict[str, float]:
    """For each currency, how much reporting currency one unit buys."""
    st.markdown(text)
    look: dict[str, Any] = {"min_value": 0.0, "value": None, "format": "%.6f", "width": 240}
    typed = {name: st.number_input(literal(name), key=f"{key}_{name}", **look) for name in currencies}
    return {name: rate for name, rate in typed.items() if rate}


def _meanings(text: str, found: tuple[str, ...], key: str) -> dict[str, bool]:
    """For each word of a hold-out column, whether it means that the customer was left alone."""
    say = words()
    st.markdown(text)
    labels = {True: say("questions.withheld"), False: say("questions.treated")}
    look: dict[str, Any] = {"index": None, "format_func": labels.get, "horizontal": True}
    typed = {word: st.radio(literal(word), labels, key=f"{key}_{word}", **look) for word in found}
    return {word: meaning for word, meaning in typed.items() if meaning is not None}


def _slug(path: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in path)
