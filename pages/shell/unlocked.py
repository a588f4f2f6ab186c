"""Which analyses the data at hand can answer, and what would unlock the others."""

from __future__ import annotations

import streamlit as st

from analytics.studies import CATALOGUE
from analytics.studies.base import Study, missing
from pages.shell.empty import lacking
from pages.shell.navigation import INSIDE, page
from pages.shell.session import version, warehouse
from pages.shell.words import words


def studies_tab() -> None:
    st.caption(words()("data.studies.hint"))
    present = warehouse().present() if version().number else {}
    for study in CATALOGUE.values():
        _study(study, present)


def _study(study: Study, present: dict[str, frozenset[str]]) -> None:
    say, gaps = words(), missing(study, present)
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"study_{study.id}"):
        st.badge(say("data.studies.locked" if gaps else "data.studies.ready"), color="gray" if gaps else "blue",
                 icon=":material/lock:" if gaps else ":material/check:")
        text = f"**{say(f'studies.{study.id}.title')}** — {say(f'studies.{study.id}.question')}"
        if gaps:
            text += "\n\n" + say("data.studies.unlocks", columns="; ".join(lacking(gap) for gap in gaps))
        st.markdown(text, width="stretch")
        if not gaps and study.id not in INSIDE:
            st.page_link(page(study.id), label=say("data.studies.open"), icon=":material/arrow_forward:")
