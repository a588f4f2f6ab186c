"""The top of a study's page: where one is, the question, how it is answered."""

from __future__ import annotations

import streamlit as st

from analytics.studies.base import Study
from pages.shell.framed import frame_if_alone
from pages.shell.words import words


def heading(study: Study) -> None:
    """The group, the question as title, the method in one line and what to be careful about behind a button."""
    frame_if_alone()
    say = words()
    title(say(f"groups.{study.group}"), say(f"studies.{study.id}.question"), say(f"studies.{study.id}.method"))


def title(group: str, question: str, method: str) -> None:
    """The head of any page. All three are the product's own words."""
    frame_if_alone()
    with st.container(key="heading", gap=None):
        st.caption(group)
        st.title(question, anchor=False)
        st.markdown(f":gray[{method}]")
