"""Answers, cached by what they depend on: version, study, parameters, role and the code itself."""

from __future__ import annotations

from typing import Any

import streamlit as st

from analytics import studies
from analytics.access import Access
from analytics.fits import kept
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies.base import Study, missing
from analytics.warehouse import open_warehouse
from pages.shell.errors import Locked, Unfitted
from pages.shell.session import access, version_key, warehouse


def answer(study: Study, params: Any) -> Result:
    """The study's answer for the version in force. Raises as `ready` does."""
    return _answer(version_key(), study.id, params, access(), fingerprint(), ready(study, params))


def ready(study: Study, params: Any) -> tuple[bool, ...]:
    """Which of the fits that the study reads where they are kept there are.

    Raises  Locked when the data it needs is not there, Unfitted when a model is not
    """
    gaps = missing(study, warehouse().present())
    if gaps:
        raise Locked(study, gaps)
    for fit, asked in study.fits(params):
        if not kept(warehouse(), fit, **asked):
            raise Unfitted(fit, asked)
    return tuple(kept(warehouse(), fit, **asked) for fit, asked in study.uses(params))


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(
    version_key: tuple[str, int, str], study: str, params: Any, access: Access, code: str, used: tuple[bool, ...]
) -> Result:
    return studies.answer(studies.CATALOGUE[study], open_warehouse(access), params)
