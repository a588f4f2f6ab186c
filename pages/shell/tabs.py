"""Tabs of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shell.errors import user_errors
from pages.shell.words import words


def tabs(section: str, parts: Mapping[str, Callable[[], None]]) -> None:
    """Name -> what draws it; labels are `<section>.<name>`. ?tab=<name> opens one of them."""
    say = words()
    labels = {name: say(f"{section}.{name}") for name in parts}
    asked = st.query_params.get("tab")
    drawn = st.tabs(list(labels.values()), default=labels.get(asked or ""), key=f"tabs_{say.language}", on_change="rerun")
    for part, tab in zip(parts.values(), drawn, strict=True):
        if tab.open:
            with tab, user_errors():
                part()
