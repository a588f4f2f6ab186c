"""Correcting what was understood of a file: how it is read, and which of its columns means what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from analytics.contract import BY_NAME, TABLES
from analytics.intake.report import Answers, ColumnPlan, FilePlan
from pages.shell.notes import table_name
from pages.shell.words import literal, words

ENCODINGS = ("utf-8", "gb18030", "utf-16", "latin-1")
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", "whitespace": "whitespace"}
DECIMALS = {".": "point", ",": "comma"}
ORDERS = ("ymd", "dmy", "mdy")

Act = Callable[[dict[str, Answers]], None]


def corrections(number: int, plan: FilePlan, decided: dict[str, Answers], again: Act) -> None:
    """The format and the meaning of each column, changed together and read again once."""
    say = words()
    with st.form(f"corrections_{number}", border=False):
        formats = _formats(number, plan)
        st.markdown(say("data.import.mapping_hint"))
        edited = _mapping(number, plan)
        if st.form_submit_button(say("data.import.apply"), icon=":material/refresh:"):
            changed = {**formats, "mapping": {**decided[plan.path].mapping, **_changes(plan, edited)}}
            again(_narrowed(plan, {**decided, plan.path: replace(decided[plan.path], **changed)}))
            st.rerun()


def _narrowed(plan: FilePlan, answers: dict[str, Answers]) -> dict[str, Answers]:
    """A sheet chosen where several are read is the answer about the whole workbook."""
    if plan.workbook is None or answers[plan.path].sheet is None:
        return answers
    return {**answers, plan.workbook: answers[plan.path]}


def _formats(number: int, plan: FilePlan) -> dict[str, str | None]:
    """What the user chose differently from what was detected."""
    say = words()
    offered: dict[str, tuple[str | None, Mapping[str, str]]] = {
        "table": (plan.table, {table.name: table_name(table.name) for table in TABLES}),
        "encoding": (plan.encoding, {name: say(f"data.encodings.{name}") for name in ENCODINGS}),
        "delimiter": (plan.delimiter, {mark: delimiter_name(mark) for mark in DELIMITERS}),
        "decimal": (plan.decimal, {mark: say(f"data.decimals.{name}") for mark, name in DECIMALS.items()}),
        "date_order": (plan.date_order, {order: say(f"data.date_orders.{order}") for order in ORDERS}),
        "sheet": (None if plan.workbook else plan.sheet, {sheet: sheet for sheet in plan.sheets}),
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


def encoding_name(name: str | None) -> str | None:
    return words()(f"data.encodings.{name}") if name and words().has(f"data.encodings.{name}") else name


def delimiter_name(mark: str) -> str:
    return words()(f"data.delimiters.{DELIMITERS[mark]}") if mark in DELIMITERS else literal(mark)
