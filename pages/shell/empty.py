"""What stands where an answer will be: what the study needs, where to bring it."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from analytics.studies.base import Need, Study
from pages.shell.navigation import page
from pages.shell.samples import other_language, speak
from pages.shell.words import words


def locked(study: Study, gaps: Iterable[Need]) -> None:
    """A study that lacks data: which tables and columns unlock it, and the way to upload them."""
    say = words()
    with st.container(border=True, key="empty"):
        st.markdown(f":material/lock: **{say('shell.locked')}**")
        st.markdown(say(f"studies.{study.id}.empty"))
        for gap in gaps:
            st.markdown(f"- {lacking(gap)}")
        with st.container(horizontal=True):
            st.page_link(page("data"), label=say("shell.upload"), icon=":material/upload_file:")
            st.page_link(page("data"), label=say("shell.templates"), icon=":material/description:", query_params={"tab": "templates"})


def lacking(gap: Need) -> str:
    """One table and the columns that are missing from it, by their names in the session's language."""
    say = words()
    names = ", ".join(f"{say(f'data.columns.{column}')} (`{column}`)" for column in gap.columns)
    table = f"**{say(f'data.tables.{gap.table}')}** (`{gap.table}`)"
    return f"{table}: {names}" if names else table


def nothing_loaded() -> None:
    """A workspace without any data."""
    say = words()
    with st.container(border=True, key="empty"):
        st.markdown(f":material/inbox: **{say('shell.nothing_loaded')}**")
        st.markdown(say("shell.nothing_loaded_next"))
        st.page_link(page("data"), label=say("shell.upload"), icon=":material/upload_file:")


def sample_banner() -> None:
    """Says plainly that what is shown is not the user's data, with the way out of it."""
    say = words()
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="sample"):
        st.markdown(f":material/science: {say('shell.sample')}")
        if other_language() and st.button(say("shell.speak"), icon=":material/translate:", key="speak"):
            speak()
            st.rerun()
        if st.button(say("shell.upload_own"), type="primary", icon=":material/upload_file:", key="upload_own"):
            st.switch_page(page("data"))
