"""A first visit opens on the demo programme: the product's own import of its own files, marked as such."""

from __future__ import annotations

import streamlit as st

from analytics import demo, store
from analytics.settings import DEFAULT_WORKSPACE
from pages.shell.session import version, workspace
from pages.shell.words import language, words


def open_on_demo() -> None:
    """Make the demo programme in the session's language when the default workspace has never held anything."""
    if workspace() == DEFAULT_WORKSPACE and not version().number and not store.versions(DEFAULT_WORKSPACE):
        with st.spinner(words()("shell.preparing"), show_time=True):
            _first(language())


@st.cache_resource(show_spinner=False)
def _first(language: str) -> None:
    """Once a process: a second visitor who comes at the same moment waits for the first."""
    if not store.versions(DEFAULT_WORKSPACE):
        demo.load(DEFAULT_WORKSPACE, language)


def other_language() -> bool:
    """Whether the demo programme at hand speaks another language than the session."""
    return version().demo not in ("", language())


def speak() -> None:
    """Make the demo programme again, in the session's language."""
    with st.spinner(words()("shell.preparing"), show_time=True):
        demo.load(workspace(), language())
