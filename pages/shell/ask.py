"""A study's parameters as widgets: each field of the dataclass is one, its value is kept in the URL."""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any, Literal, get_args, get_origin, get_type_hints

import streamlit as st

from analytics.studies.base import Filters, Study
from pages.shell.filters import filter_bar
from pages.shell.words import words


def ask(study: Study) -> Any:
    """The study's params as chosen on the page. A field of type Filters is the filter bar."""
    hints = get_type_hints(study.params)
    values = {field.name: filter_bar() for field in fields(study.params) if hints[field.name] is Filters}
    others = [field for field in fields(study.params) if field.name not in values]
    if others:
        with st.container(horizontal=True, key="params", vertical_alignment="bottom"):
            values |= {field.name: _widget(study, field, hints[field.name]) for field in others}
    return study.params(**values)


def _widget(study: Study, field: Field[Any], kind: Any) -> Any:
    """The widget that fits the field's type; `metadata` may narrow it: choices, min, max, step."""
    label = words()(f"studies.{study.id}.params.{field.name}.label")
    kept: dict[str, Any] = {"key": field.name, "bind": "query-params", "help": _help(study, field.name)}
    choices = get_args(kind) if get_origin(kind) is Literal else field.metadata.get("choices")
    if choices:
        return st.selectbox(label, choices, index=choices.index(field.default), width=240, **kept)
    if kind is bool:
        return st.toggle(label, value=field.default, **kept)
    limits = {f"{end}_value": field.metadata.get(end) for end in ("min", "max")}
    if kind in (int, float):
        return st.number_input(label, value=field.default, step=field.metadata.get("step"), width=200, **limits, **kept)
    return st.text_input(label, value=str(field.default or ""), width=240, **kept)


def _help(study: Study, name: str) -> str | None:
    key = f"studies.{study.id}.params.{name}.help"
    return words()(key) if words().has(key) else None
