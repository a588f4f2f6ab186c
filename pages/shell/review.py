"""What was understood of each file, to agree with or to correct. When nothing is asked, one click loads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from analytics.contract import BY_NAME, TABLES
from analytics.intake.report import Answers, ColumnPlan, FilePlan
from pages.shell.notes import rule_name, source_name, table_name, tell_notes
from pages.shell.questions import answered, decide
from pages.shell.words import literal, words

ENCODINGS = ("utf-8", "gb18030", "utf-16", "latin-1")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "whitespace": "whitespace"}
DECIMALS = {".": "point", ",": "comma"}
_PREVIEWED = 8
ORDERS = ("ymd", "dmy", "mdy")

Act = Callable[[dict[str, Answers]], None]


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
        st.subheader(literal(Path(plan.path).name), anchor=False)
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
            _corrections(number, plan, decided, again)
        if plan.rules:
            with st.expander(say("data.import.rules"), icon=":material/rule:"):
                st.markdown("\n".join(f"{place}. {rule_name(rule)}" for place, rule in enumerate(plan.rules, 1)))


def _read_as(plan: FilePlan) -> str:
    """Encoding, separator, decimal mark, date order: one line, only what applies to the file."""
    say, asked = words(), {question.key for question in plan.questions}
    facts = [
        ("encoding", _encoding(plan.encoding)),
        ("delimiter", plan.delimiter and _delimiter(plan.delimiter)),
        ("decimal", plan.decimal and say(f"data.decimals.{DECIMALS[plan.decimal]}")),
        ("date_order", plan.date_order and say(f"data.date_orders.{plan.date_order}")),
        ("sheet", plan.sheet and literal(plan.sheet)),
    ]
    return " · ".join(f"{say(f'data.import.{name}')}: {value}" for name, value in facts if value and name not in asked)


def _encoding(name: str | None) -> str | None:
    return words()(f"data.encodings.{name}") if name and words().has(f"data.encodings.{name}") else name


def _delimiter(mark: str) -> str:
    return words()(f"data.delimiters.{DELIMITERS[mark]}") if mark in DELIMITERS else literal(mark)


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


def _corrections(number: int, plan: FilePlan, decided: dict[str, Answers], again: Act) -> None:
    """The format and the meaning of each column, changed together and read again once."""
    say = words()
    with st.form(f"corrections_{number}", border=False):
        formats = _formats(number, plan)
        st.markdown(say("data.import.mapping_hint"))
        edited = _mapping(number, plan)
        if st.form_submit_button(say("data.import.apply"), icon=":material/refresh:"):
            changed = {**formats, "mapping": {**decided[plan.path].mapping, **_changes(plan, edited)}}
            again({**decided, plan.path: replace(decided[plan.path], **changed)})
            st.rerun()


def _formats(number: int, plan: FilePlan) -> dict[str, str | None]:
    """What the user chose differently from what was detected."""
    say = words()
    offered: dict[str, tuple[str | None, Mapping[str, str]]] = {
        "table": (plan.table, {table.name: table_name(table.name) for table in TABLES}),
        "encoding": (plan.encoding, {name: say(f"data.encodings.{name}") for name in ENCODINGS}),
        "delimiter": (plan.delimiter, {mark: _delimiter(mark) for mark in DELIMITERS}),
        "decimal": (plan.decimal, {mark: say(f"data.decimals.{name}") for mark, name in DECIMALS.items()}),
        "date_order": (plan.date_order, {order: say(f"data.date_orders.{order}") for order in ORDERS}),
        "sheet": (plan.sheet, {sheet: sheet for sheet in plan.sheets}),
    }
    with st.container(horizontal=True):
        chosen = {name: _choice(number, name, now, options) for name, (now, options) in offered.items() if _applies(name, plan)}
    return {name: value for name, value in chosen.items() if value != offered[name][0]}


def _applies(name: str, plan: FilePlan) -> bool:
    """A workbook has no encoding, a single sheet no choice."""
    if name == "sheet":
        return len(plan.sheets) > 1
    return name in ("table", "date_order", "decimal") or getattr(plan, name) is not None


def _choice(number: int, name: str, now: str | None, options: Mapping[str, str]) -> str | None:
    known = list(options) if now in options or now is None else [now, *options]
    chosen: str | None = st.selectbox(
        words()(f"data.import.{name}"), known, index=known.index(now) if now else None, width=220,
        format_func=lambda value: options.get(value, value), key=f"{name}_{number}", placeholder=words()("data.import.detected"),
    )
    return chosen


def _mapping(number: int, plan: FilePlan) -> pd.DataFrame:
    """Source column, meaning to choose, examples, certainty, why. Only the meaning can be edited."""
    say = words()
    named = ("source_column", "target", "samples", "confidence", "why")
    rows = [_described(column) for column in plan.columns]
    fixed = [say(f"data.import.{name}") for name in named if name != "target"]
    meanings = [say("data.import.leave_out"), *_targets(plan)]
    config: dict[str, Any] = {
        say("data.import.target"): st.column_config.SelectboxColumn(options=meanings, required=True, width="medium"),
        say("data.import.confidence"): st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent", width="small"),
    }
    frame = pd.DataFrame(rows, columns=[say(f"data.import.{name}") for name in named])
    return st.data_editor(frame, hide_index=True, disabled=fixed, column_config=config, key=f"mapping_{number}", height="content")


def _described(column: ColumnPlan) -> tuple[str, str, str, float, str]:
    return column.source, _shown(column.target), " · ".join(column.samples), column.confidence, words()(f"data.why.{column.why}")


def _targets(plan: FilePlan) -> dict[str, str]:
    """What is shown in the list -> "table.column": the file's own table first."""
    own = [BY_NAME[plan.table]] if plan.table else []
    tables = [*own, *(table for table in TABLES if table.name != plan.table)]
    return {_shown(f"{table.name}.{column.name}"): f"{table.name}.{column.name}" for table in tables for column in table.columns}


def _shown(target: str | None) -> str:
    if not target:
        return words()("data.import.leave_out")
    table, column = target.split(".")
    return f"{table_name(table)} › {words()(f'data.columns.{column}')}"


def _changes(plan: FilePlan, edited: pd.DataFrame) -> dict[str, str]:
    """Source column -> target, for those whose meaning the user changed."""
    say, targets = words(), _targets(plan)
    chosen = edited[say("data.import.target")]
    pairs = zip(plan.columns, chosen, strict=True)
    return {column.source: targets.get(text, "") for column, text in pairs if text != _shown(column.target)}

