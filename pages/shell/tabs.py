"""Tabs of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from pages.shell.errors import user_errors
from pages.shell.words import words


def tabs(parts: Mapping[str, Callable[[], None]]) -> None:
    """Key of the label -> what draws the tab. ?tab= and the last part of a key opens that tab."""
    say = words()
    labels = {key.rsplit(".", 1)[-1]: say(key) for key in parts}
    asked = labels.get(st.query_params.get("tab", ""))
    drawn = st.tabs(list(labels.values()), default=asked, key=f"tabs_{say.language}", on_change="rerun")
    for part, tab in zip(parts.values(), drawn, strict=True):
        if tab.open:
            with tab, user_errors():
                part()
