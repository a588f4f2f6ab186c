"""A model that is not fitted yet: made in a subprocess, its steps shown, with a way out. The page goes on by itself when it is done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from analytics import jobs
from analytics.errors import UserError
from analytics.fits import Fit
from pages.shell.errors import explain, user_errors
from pages.shell.session import version_key, workspace
from pages.shell.steps import steps
from pages.shell.words import words


@dataclass
class Making:
    """One fit on its way in this session; job None: it was cancelled, or it failed."""

    key: str
    job: jobs.Job | None
    failed: UserError | None = None


def fitting(fit: Fit, params: Mapping[str, Any]) -> None:
    """Begin the fit, unless it is on its way or was given up, and show where it stands."""
    key = f"{version_key()} {fit.id} {json.dumps(params, sort_keys=True)}"
    making: Making | None = st.session_state.get("making")
    if making is None or making.key != key:
        _give_up(making)
        making = st.session_state["making"] = Making(key=key, job=jobs.start_fit(workspace(), fit, params))
    if making.job is not None:
        _progress(fit)
    else:
        _stopped(making)


def _give_up(making: Making | None) -> None:
    if making is not None and making.job is not None:
        making.job.cancel()


@st.fragment(run_every=0.4)
def _progress(fit: Fit) -> None:
    with user_errors():
        _watch(fit)


def _watch(fit: Fit) -> None:
    making: Making | None = st.session_state.get("making")
    if making is None or making.job is None:
        return
    now, say = making.job.progress(), words()
    if now.done:
        _finish(making)
        st.rerun()
    with st.container(border=True, key="progress"):
        st.markdown(f"**{say('fits.fitting')}**")
        st.markdown(steps({step: say(f"fits.{fit.id}.{step}") for step in fit.steps}, now.step))
        st.progress(min(1.0, now.rows / now.total) if now.total else 0.0)
        st.caption(say("fits.once"))
        if st.button(say("fits.cancel"), icon=":material/close:", key="cancel_fit"):
            _give_up(making)
            making.job = None
            st.rerun()


def _finish(making: Making) -> None:
    job, making.job = making.job, None
    try:
        if job is not None:
            job.result()
        st.session_state.pop("making")
    except UserError as error:
        making.failed = error


def _stopped(making: Making) -> None:
    """Given up or failed: say so, and offer to begin again."""
    if making.failed:
        explain(making.failed)
    else:
        st.info(words()("fits.cancelled"), icon=":material/undo:")
    if st.button(words()("fits.again"), icon=":material/play_arrow:", key="fit_again"):
        st.session_state.pop("making")
        st.rerun()
