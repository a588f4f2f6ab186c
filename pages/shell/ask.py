"""A study's parameters as widgets: each field of the dataclass is one, its value is kept in the URL."""

from __future__ import annotations

from dataclasses import Field, fields, replace
from typing import Any, Literal, get_args, get_origin, get_type_hints
from zlib import crc32

import streamlit as st

from analytics.studies.base import Filters, Study, defaults
from pages.shell.filters import filters
from pages.shell.session import version, warehouse
from pages.shell.words import literal, words


def ask(study: Study, *, hidden: tuple[str, ...] = ()) -> Any:
    """The study's params as chosen on the page. A field of type Filters is the filter bar; `hidden` ones keep their default."""
    hints = get_type_hints(study.params)
    shown = [field for field in fields(study.params) if field.name not in hidden]
    usual = defaults(study, version().settings)
    choices = [field for field in shown if get_origin(hints[field.name]) is Literal or "options" in field.metadata]
    numbers = [field for field in shown if field not in choices and hints[field.name] is not Filters]
    with st.container(horizontal=True, key="filters", gap="xsmall", vertical_alignment="center"):
        values: dict[str, Any] = {}
        for field in choices:
            if _applies(field, values):
                values[field.name] = _choice(study, field, getattr(usual, field.name), _names(study, field, hints[field.name], values))
        values |= {field.name: filters() for field in shown if hints[field.name] is Filters}
        if numbers:
            with st.popover(words()("filters.more"), icon=":material/tune:"):
                values |= {field.name: _widget(study, field, getattr(usual, field.name), hints[field.name]) for field in numbers}
    return replace(usual, **values)


def _applies(field: Field[Any], values: dict[str, Any]) -> bool:
    """`metadata["only"]` = (other field, value): asked only when the other field has that value."""
    other, value = field.metadata.get("only", (None, None))
    return other is None or values.get(other) == value


def _widget(study: Study, field: Field[Any], usual: Any, kind: Any) -> Any:
    """The widget that fits the field's type, standing at its usual value; `metadata` may narrow a number: min, max, step."""
    label, told = _labels(study, field)
    kept: dict[str, Any] = {"key": field.name, "bind": "query-params", "help": told}
    if kind is bool:
        return st.toggle(label, value=usual, **kept)
    if kind in (int, float):
        limits = {f"{end}_value": field.metadata.get(end) for end in ("min", "max")}
        return st.number_input(label, value=usual, step=field.metadata.get("step"), width=210, **limits, **kept)
    return st.text_input(label, value=str(usual or ""), width=240, **kept)


def _labels(study: Study, field: Field[Any]) -> tuple[str, str]:
    say = words()
    return say(f"studies.{study.id}.params.{field.name}.label"), say(f"studies.{study.id}.params.{field.name}.help")


def _names(study: Study, field: Field[Any], kind: Any, chosen: dict[str, Any]) -> dict[Any, str]:
    """What there is to choose from: value -> name. Values from the data follow an automatic choice, the empty text."""
    key = f"studies.{study.id}.params.{field.name}"
    if "options" not in field.metadata:
        return {choice: words()(f"{key}.options.{choice}") for choice in get_args(kind)}
    return {"": words()(f"{key}.automatic"), **field.metadata["options"](warehouse(), chosen, words())}


def _choice(study: Study, field: Field[Any], usual: Any, names: dict[Any, str]) -> Any:
    """A choice under names in the language. The URL keeps the value itself, which Streamlit's own binding would not."""
    choices = list(names)
    asked = st.query_params.get(field.name)
    index = choices.index(asked if asked in choices else usual)
    label, told = _labels(study, field)
    kept = {"index": index, "format_func": names.get, "key": f"{study.id}_{field.name}_{crc32(repr(choices).encode())}"}
    with st.popover(f"{label}: {literal(names[choices[index]])}", icon=":material/category:", help=told):
        chosen = st.selectbox(label, choices, **kept) if "options" in field.metadata else st.radio(label, choices, **kept)
    if chosen != usual:
        st.query_params[field.name] = chosen
    elif field.name in st.query_params:
        del st.query_params[field.name]
    return chosen
