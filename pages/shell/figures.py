"""A study's figures: the finding as title, unit and period in grey, the drawing, its numbers, how they were computed."""

from __future__ import annotations

import inspect
import re
import sys
from itertools import groupby

import streamlit as st

from analytics import studies
from analytics.results import Result
from analytics.studies.base import Figure, Study
from pages.shell.downloads import downloads
from pages.shell.tables import table
from pages.shell.words import literal, words

_PLOTLY = {"displayModeBar": False, "scrollZoom": False, "showTips": False}
_QUERY = re.compile(r"\s*(--|with\b|select\b)", re.IGNORECASE)


def draw(study: Study, result: Result) -> None:
    """The study's figures: the first and the wide ones over the whole width, the others in pairs; one left over takes the whole width."""
    if result.refused is not None:
        return
    figures = study.figures(result, words())
    for wide, part in groupby(figures, key=lambda figure: figure.wide or figure is figures[0]):
        _rows(study.id, list(part), across=1 if wide else 2)


def _rows(study: str, figures: list[Figure], *, across: int) -> None:
    paired = len(figures) // across * across if across > 1 else 0
    if paired:
        with st.grid(across, min_column_width=420, gap="small"):
            for figure in figures[:paired]:
                _panel(study, figure)
    for figure in figures[paired:]:
        _panel(study, figure)


@st.fragment
def _panel(study: str, figure: Figure) -> None:
    """One figure with its table and its method. Switching to the table reruns only this panel."""
    say = words()
    with st.container(border=True, height="stretch", key=f"figure_{study}_{figure.key}"):
        st.subheader(literal(figure.title), anchor=False)
        st.caption(literal(figure.note))
        if st.session_state.get(f"table_{study}_{figure.key}"):
            table(figure.table, alt=figure.alt)
        else:
            st.plotly_chart(figure.spec, config=_PLOTLY, alt=figure.alt, key=f"chart_{study}_{figure.key}")
        with st.container(horizontal=True, vertical_alignment="center", key=f"tools_{study}_{figure.key}"):
            st.toggle(say("shell.as_table"), key=f"table_{study}_{figure.key}")
            with st.popover(say("shell.how_computed"), icon=":material/function:", type="tertiary"):
                _method(study)
            downloads(figure.table, f"tierwise-{study}-{figure.key}")


def _method(study: str) -> None:
    """The method in words, then the very queries that the study runs."""
    say = words()
    st.markdown(say(f"studies.{study}.method"))
    st.caption(say(f"studies.{study}.caveat"))
    for query in queries(studies.CATALOGUE[study]):
        st.code(query.strip(), language="sql")


def queries(study: Study) -> list[str]:
    """The SQL texts of the module that answers the study, and of the parts of other studies that it uses."""
    answering = inspect.unwrap(study.run).__module__
    used = [value.__module__ for value in vars(sys.modules[answering]).values() if inspect.isfunction(value)]
    modules = dict.fromkeys(name for name in (answering, *used) if name.startswith(studies.__name__))
    texts = [value for name in modules for value in vars(sys.modules[name]).values() if isinstance(value, str)]
    return list(dict.fromkeys(text for text in texts if _QUERY.match(text)))
