"""Names of sources, tables and rules, and the notes of an import, in the session's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st

from analytics.intake.report import short_name
from pages.shell.words import literal_facts, words


def source_name(source: str) -> str:
    return words()(f"sources.{source}") if words().has(f"sources.{source}") else source


def file_name(path: str) -> str:
    """A file's name; of a member of an archive and of a sheet, also what it lies in."""
    return " › ".join(short_name(path).split("/", 1))


def table_name(table: str | None) -> str:
    return words()(f"data.tables.{table}") if table else "–"


def rule_name(rule: str) -> str:
    return words()(f"rules.{rule}")


def tell_notes(notes: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """Each note as a line; its facts may quote the file and are shown literally."""
    for key, facts in notes:
        st.markdown(f":material/info: {words()(f'notes.{key}', **literal_facts(facts))}")
