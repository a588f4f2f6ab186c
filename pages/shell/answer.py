"""Answers, cached by what they depend on: version, study, parameters, role and the code itself."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any

import streamlit as st

from analytics import studies
from analytics.access import Access
from analytics.results import Result
from analytics.settings import ROOT
from analytics.studies.base import Study, missing
from analytics.warehouse import open_warehouse
from pages.shell.errors import Locked
from pages.shell.session import access, version_key, warehouse


def answer(study: Study, params: Any) -> Result:
    """The study's answer for the version in force. Raises Locked when the data it needs is not there."""
    gaps = missing(study, warehouse().present())
    if gaps:
        raise Locked(study, gaps)
    return _answer(version_key(), study.id, params, access(), code())


@st.cache_data(max_entries=256, show_spinner=False)
def _answer(version_key: tuple[str, int, str], study: str, params: Any, access: Access, code: str) -> Result:
    return studies.answer(studies.CATALOGUE[study], open_warehouse(access), params)


@cache
def code() -> str:
    """Hash of all code that can change an answer: after an update nothing old is served."""
    files = sorted(path for ending in ("py", "sql", "toml") for path in (ROOT / "analytics").rglob(f"*.{ending}"))
    return sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
