"""What was understood of each file, to agree with or to correct. When nothing is asked, one click loads."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from analytics.intake.report import Answers, ColumnPlan, FilePlan
from pages.shell.corrections import DECIMALS, Act, corrections, delimiter_name, encoding_name
from pages.shell.notes import file_name, rule_name, source_name, table_name, tell_notes
from pages.shell.questions import answered, decide
from pages.shell.words import literal, words

_PREVIEWED = 8

def review(plans: list[FilePlan], answers: dict[str, Answers], *, again: Act, load: Act) -> None:
    """Load button first, then what must be decided, then every file in detail."""
    say = words()
    decided = {plan.path: decide(plan, answers.get(plan.path, Answers())) for plan in plans}
    open_questions = any(not answered(question, decided[plan.path]) for plan in plans for question in plan.questions)
    anew = any(question.key in ("columns", "table") for plan in plans for question in plan.questions)
    with st.container(horizontal=True, vertical_alignment="center", key="load_bar"):
        st.button(say("data.import.apply" if anew else "data.import.load"), type="primary", icon=":material/login:", key="load",
                  disabled=open_questions, on_click=again if anew else load, args=(decided,))
        st.markdown(say("data.import.asked_hint") if open_questions else say("data.import.load_hint", files=_count(plans)))
    for number, plan in enumerate(plans):
        _file(number, plan, decided, again)


def _count(plans: list[FilePlan]) -> str:
    say = words()
    return say("data.import.one_file") if len(plans) == 1 else say("data.import.files", n=len(plans))


def _file(number: int, plan: FilePlan, decided: dict[str, Answers], again: Act) -> None:
    say = words()
    with st.container(border=True, key=f"file_{number}"):
        st.subheader(literal(file_name(plan.path)), anchor=False)
        if plan.table:
            st.markdown(say("data.import.understood", source=literal(source_name(plan.source)), table=table_name(plan.table)))
        else:
            st.markdown(say("data.import.unknown"))
        st.caption(_read_as(plan))
        _personal(plan.columns)
        tell_notes(plan.notes)
        if plan.preview:
            st.caption(say("data.import.preview"))
            st.dataframe(_preview(plan), hide_index=True, height="content")
        with st.expander(say("data.import.mapping"), icon=":material/tune:"):
            corrections(number, plan, decided, again)
        if plan.rules:
            with st.expander(say("data.import.rules"), icon=":material/rule:"):
                st.markdown("\n".join(f"{place}. {rule_name(rule)}" for place, rule in enumerate(plan.rules, 1)))


def _read_as(plan: FilePlan) -> str:
    """Encoding, separator, decimal mark, date order: one line, only what applies to the file."""
    say, asked = words(), {question.key for question in plan.questions}
    facts = [
        ("encoding", encoding_name(plan.encoding)),
        ("delimiter", plan.delimiter and delimiter_name(plan.delimiter)),
        ("decimal", plan.decimal and say(f"data.decimals.{DECIMALS[plan.decimal]}")),
        ("date_order", plan.date_order and say(f"data.date_orders.{plan.date_order}")),
        ("sheet", plan.sheet and literal(plan.sheet)),
    ]
    return " · ".join(f"{say(f'data.import.{name}')}: {value}" for name, value in facts if value and name not in asked)


def _personal(columns: tuple[ColumnPlan, ...]) -> None:
    """Which personal columns were found and what becomes of them."""
    say = words()
    found = [column for column in columns if column.personal]
    if found:
        st.markdown(f":material/shield_person: **{say('data.import.personal')}** — " + "; ".join(map(_becomes, found)))


def _becomes(column: ColumnPlan) -> str:
    say, fate = words(), "pseudonym" if column.pseudonym else "dropped"
    return say(f"data.import.personal_{fate}", column=literal(column.source), kind=say(f"personal.{column.personal}"))


def _preview(plan: FilePlan) -> pd.DataFrame:
    """The first rows; headers that occur twice are told apart by a number so that the table can be drawn."""
    names = [name if plan.header.index(name) == place else f"{name} ({place + 1})" for place, name in enumerate(plan.header)]
    return pd.DataFrame([row[: len(names)] for row in plan.preview[:_PREVIEWED]], columns=names)
