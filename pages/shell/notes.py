"""Names of sources, tables and rules, and the notes of an import, in the session's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import streamlit as st

from pages.shell.words import literal_facts, words

_HOLDERS = (".zip", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def source_name(source: str) -> str:
    return words()(f"sources.{source}") if words().has(f"sources.{source}") else source


def file_name(path: str) -> str:
    """A file's name; of a member of an archive and of a sheet, also what it lies in."""
    file = Path(path)
    return f"{file.parent.name} › {file.name}" if file.parent.suffix.lower() in _HOLDERS else file.name


def table_name(table: str | None) -> str:
    return words()(f"data.tables.{table}") if table else "–"


def rule_name(rule: str) -> str:
    return words()(f"rules.{rule}")


def tell_notes(notes: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """Each note as a line; its facts may quote the file and are shown literally."""
    for key, facts in notes:
        st.markdown(f":material/info: {words()(f'notes.{key}', **literal_facts(facts))}")
