"""A first visit opens on sample data: the product's own import of its own files, marked as such."""

from __future__ import annotations

import streamlit as st

from analytics import jobs, store
from analytics.settings import DEFAULT_WORKSPACE, ROOT
from pages.shell.session import workspace
from pages.shell.words import language, words


def open_on_samples() -> None:
    """Load the sample files into the default workspace when it has never held anything."""
    if workspace() == DEFAULT_WORKSPACE and not store.versions(DEFAULT_WORKSPACE):
        with st.spinner(words()("shell.preparing")):
            _load_samples(language())


@st.cache_resource(show_spinner=False)
def _load_samples(language: str) -> None:
    """Once a process: a second visitor who comes at the same moment waits for the first."""
    paths = sorted((ROOT / "data" / "samples" / language).rglob("*.csv"))
    if not store.versions(DEFAULT_WORKSPACE):
        jobs.start_load(DEFAULT_WORKSPACE, paths, {}, demo=True, fresh=True).result()
