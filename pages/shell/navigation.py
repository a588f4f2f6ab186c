"""Which pages there are: one for each study, grouped as the user's work is; a group without pages is not shown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from analytics.studies import CATALOGUE
from pages.shell.words import words

PAGES = Path(__file__).resolve().parents[1]
GROUPS = ("start", "customers", "programme", "tiers", "relationship", "act")
INSIDE = frozenset({"quality", "movement", "compare", "next_need"})  # studies shown as a tab of another page
ICONS = {"overview": ":material/space_dashboard:", "data": ":material/database:", "segments": ":material/groups:",
    "cohorts": ":material/grid_on:", "lifecycle": ":material/autorenew:", "forecast": ":material/trending_up:",
    "customer": ":material/person_search:", "value": ":material/savings:",
    "holdout": ":material/call_split:", "churn": ":material/person_remove:",
    "scenarios": ":material/tune:", "campaigns": ":material/campaign:", "points": ":material/toll:", "dependency": ":material/redeem:",
    "economics": ":material/account_balance:", "migration": ":material/swap_vert:", "tier_quality": ":material/rule:",
    "fairness": ":material/balance:", "price_fairness": ":material/price_check:", "allocation": ":material/pie_chart:",
    "small_customers": ":material/spa:", "key_customers": ":material/star:"}


def navigation() -> StreamlitPage:
    """Tell Streamlit which pages there are; returns the one that is asked for."""
    st.session_state["pages"] = {name: _page(name) for names in groups().values() for name in names}
    return st.navigation(list(st.session_state["pages"].values()), position="hidden")


def menu() -> None:
    """The pages in their groups. Streamlit's own menu puts its entries into a list that screen readers cannot read."""
    with st.container(key="menu", gap="xxsmall"):
        for group, names in groups().items():
            st.caption(words()(f"groups.{group}"))
            for name in names:
                st.page_link(page(name), width="stretch")


def groups() -> dict[str, list[str]]:
    """Group -> its pages in order. Data stands beside the overview."""
    names: dict[str, list[str]] = {group: [] for group in GROUPS}
    for study in CATALOGUE.values():
        if study.id not in INSIDE:
            names[study.group].append(study.id)
    names["start"].append("data")
    return {group: found for group, found in names.items() if found}


def page(name: str) -> StreamlitPage:
    """The page of a study, or "data"."""
    found: StreamlitPage = st.session_state["pages"][name]
    return found


def _page(name: str) -> StreamlitPage:
    title = words()("pages.data.title" if name == "data" else f"studies.{name}.title")
    icon = ICONS.get(name, ":material/insights:")
    return st.Page(PAGES / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "overview")
