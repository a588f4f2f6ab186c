"""Asking a study: parameters from text, the answer, and the answer as JSON."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import Field, asdict, fields, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

import pandas as pd

from analytics.errors import UserError
from analytics.results import Note, Result
from analytics.settings import Settings
from analytics.studies.base import Filters, Need, Study, defaults, missing

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.warehouse import Warehouse

_FILTERS = tuple(field.name for field in fields(Filters))


def answer(study: Study, warehouse: Warehouse, params: Any) -> Result:
    """The study's answer over the warehouse's version; `refused` says what is missing when its needs are not met."""
    if gaps := missing(study, warehouse.present()):
        lacking = _lacking(gaps)
        return Result(study=study.id, verdict=lacking, refused=lacking, grade="D" if study.graded else None)
    return study.run(warehouse, params)


def _lacking(gaps: tuple[Need, ...]) -> Note:
    names = [f"{need.table}.{column}" for need in gaps for column in need.columns] + [need.table for need in gaps if not need.columns]
    return Note(key="studies.needs_data", facts={"columns": ", ".join(names)})


def params_from(study: Study, texts: Mapping[str, str], settings: Settings | None = None) -> Any:
    """The study's params from text, as the CLI and the URL give them; the others as the workspace's preset sets them.

    Filters  period=2024-01..2024-06; region, channel, tier: values parted by |
    Raises   UserError unknown_param | bad_param
    """
    hints = get_type_hints(study.params)
    known = {field.name: field for field in fields(study.params) if hints[field.name] is not Filters}
    filters = next((name for name, kind in hints.items() if kind is Filters), None)
    allowed = (*known, *(_FILTERS if filters else ()))
    for name in texts:
        if name not in allowed:
            raise UserError("unknown_param", name=name, known=", ".join(allowed))
    values = {name: _checked(study, known[name], hints[name], text) for name, text in texts.items() if name in known}
    if filters:
        chosen: dict[str, Any] = {name: _filter(study, name, texts[name]) for name in _FILTERS if name in texts}
        values[filters] = Filters(**chosen)
    return replace(defaults(study, settings or Settings()), **values)


def _checked(study: Study, field: Field[Any], kind: Any, text: str) -> Any:
    try:
        return _parsed(field, kind, text.strip())
    except ValueError as error:
        raise UserError("bad_param", study=study.id, name=field.name, value=text, allowed=_allowed(field, kind)) from error


def _parsed(field: Field[Any], kind: Any, text: str) -> Any:
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise ValueError(text)
        return text
    value = kind(text)
    if kind in (int, float) and not field.metadata.get("min", -math.inf) <= value <= field.metadata.get("max", math.inf):
        raise ValueError(text)
    return value


def _allowed(field: Field[Any], kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " | ".join(str(choice) for choice in get_args(kind))
    if "min" in field.metadata:
        return f"{field.metadata['min']} ... {field.metadata['max']}"
    return str(kind.__name__)


def _filter(study: Study, name: str, text: str) -> tuple[str, ...]:
    values = tuple(part.strip() for part in text.split(".." if name == "period" else "|") if part.strip())
    months = len(values) == 2 and all(re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value) for value in values) and values[0] <= values[1]
    if name == "period" and not months:
        raise UserError("bad_param", study=study.id, name=name, value=text, allowed="YYYY-MM..YYYY-MM")
    return values


def result_json(result: Result, words: Words, *, version: int = 0, params: Any = None) -> dict[str, Any]:
    """The answer as the terminal prints it: plain values, missing ones null, dates ISO."""
    return {
        "study": result.study,
        "version": version,
        "params": _plain(asdict(params)) if params is not None else {},
        "verdict": {"key": result.verdict.key, "text": words.note(result.verdict)},
        **({"grade": result.grade} if result.grade else {}),
        "estimates": {name: _plain(asdict(estimate)) for name, estimate in result.estimates.items()},
        "tables": {name: _rows(table) for name, table in result.tables.items()},
        "warnings": [note.key for note in result.warnings],
        **({"refused": {"key": result.refused.key, "text": words.note(result.refused)}} if result.refused else {}),
    }


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in table.to_dict("records")]


def _plain(value: Any) -> Any:
    """A value as JSON carries it."""
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
