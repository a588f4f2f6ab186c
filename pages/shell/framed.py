"""Whether a page runs inside its frame.

Streamlit treats a folder `pages` beside the script as its old kind of multipage app until st.navigation has run once:
a fresh server that is asked for /data first would run that script alone. Such a page draws the frame itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

_inside: ContextVar[bool] = ContextVar("inside", default=False)


@contextmanager
def framed() -> Iterator[None]:
    """What runs in here is a page within its frame."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def frame_if_alone() -> None:
    """Draw the whole page and stop when the script was started without its frame."""
    if not _inside.get():
        from pages.shell.frame import frame

        frame()
        st.stop()
