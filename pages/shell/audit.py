"""The audit report of the group of tiers, to download: built when asked for, of what is answered already."""

from __future__ import annotations

import streamlit as st

from analytics.reports.audit import audit, standing
from analytics.reports.audit_html import html
from pages.shell.session import warehouse, workspace
from pages.shell.words import words


def download() -> None:
    """One button. Models that are not made yet are not made for it: the report says which."""
    say = words()
    st.download_button(
        say("pages.audit.download"), _report, f"tierwise-{workspace()}-audit.html", "text/html",
        key="audit_report", on_click="ignore", icon=":material/gavel:", help=say("pages.audit.help"),
    )


def _report() -> bytes:
    house = warehouse()
    return html(audit(house, standing(house)), words())
