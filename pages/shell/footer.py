"""The last line of every page: of what day the data is, what was loaded, and that nothing leaves the machine."""

from __future__ import annotations

import streamlit as st

from pages.shell.session import version, warehouse
from pages.shell.words import words


def footer() -> None:
    say, now = words(), version()
    if not now.number:
        return
    facts = [say("shell.footer.as_of", day=warehouse().as_of or "–"), *_rows(), say("shell.footer.time_zone", zone=now.settings.time_zone),
             say("shell.footer.version", number=now.number), say("shell.footer.private")]
    with st.container(key="footer"):
        st.caption(" · ".join(facts))


def _rows() -> list[str]:
    """Rows loaded, left out by rule and rejected over all files of this version."""
    say, files = words(), version().files
    loaded = sum(file["rows_loaded"] for file in files)
    excluded = sum(sum(file["rows_excluded"].values()) for file in files)
    rejected = sum(file["rows_rejected"] for file in files)
    return [say("shell.footer.loaded", n=loaded), say("shell.footer.excluded", n=excluded), say("shell.footer.rejected", n=rejected)]
