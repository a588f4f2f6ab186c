"""What this browser session is about: the workspace, its version in force, who asks."""

from __future__ import annotations

import streamlit as st

from analytics import store
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from analytics.store import Version
from analytics.warehouse import Warehouse


def workspace() -> str:
    """The workspace chosen in this session, the default one at first."""
    return str(st.session_state.get("workspace", DEFAULT_WORKSPACE))


def version() -> Version:
    return store.current(workspace())


def access() -> Access:
    return Access(workspace=workspace(), min_cell=version().settings.min_cell)


def warehouse() -> Warehouse:
    """The warehouse over the version in force, seen with this session's access."""
    return open_current(access())


def version_key() -> tuple[str, int, str]:
    """What cached answers are bound to: another state is another key, so nothing stale can be served."""
    now = version()
    return workspace(), now.number, now.state
