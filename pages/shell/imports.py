"""From dropped files to loaded rows: drop, understand, decide where asked, load."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from analytics import jobs
from pages.shell.errors import explain, user_errors
from pages.shell.flow import cancel, current, finish, inspect, load, start, start_over
from pages.shell.landed import landed
from pages.shell.review import review
from pages.shell.steps import steps
from pages.shell.words import literal, words

ENDINGS = ["csv", "tsv", "txt", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet", "jsonl", "ndjson", "json", "zip"]
STEPS = ("read", "map", "check", "load", "build")


def import_tab() -> None:
    name = f"drop_{st.session_state.get('drops', 0)}"
    start(st.file_uploader(words()("data.import.drop"), ENDINGS, accept_multiple_files=True, key=name))
    if st.session_state.pop("import_cancelled", False):
        st.info(words()("data.import.cancelled"), icon=":material/undo:")
    flow = current()
    if flow is None:
        return
    if flow.failed:
        explain(flow.failed)
    if flow.job is not None:
        _progress()
    elif flow.report is not None:
        landed(flow.report, start_over)
    elif flow.plans is not None:
        review(flow.plans, flow.answers, again=inspect, load=load)


@st.fragment(run_every=0.4)
def _progress() -> None:
    """The steps by name, the rows so far, and a way out. Looks again every 0.4 s without rerunning the page."""
    with user_errors():
        _watch()


def _watch() -> None:
    flow = current()
    if flow is None or flow.job is None:
        return
    now = flow.job.progress()
    if now.done:
        finish(flow)
        st.rerun()
    say = words()
    with st.container(border=True, key="progress"):
        st.markdown(f"**{say('data.import.loading' if flow.loading else 'data.import.reading')}**")
        st.markdown(steps({step: say(f"steps.{step}") for step in (STEPS if flow.loading else STEPS[:2])}, now.step))
        st.progress(min(1.0, now.rows / now.total) if now.total else 0.0, _rows(now))
        if st.button(say("data.import.cancel"), icon=":material/close:", key="cancel"):
            cancel()
            st.rerun()


def _rows(now: jobs.Progress) -> str:
    say = words()
    rows = say("data.import.rows_of", n=now.rows, total=now.total) if now.total else say("data.import.rows", n=now.rows)
    return f"{literal(Path(now.file).name)} · {rows}" if now.file else rows
