"""One customer on screen: standing, predictions and why, figures, the rows behind them; without one, whom to look at."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from analytics.i18n import Words
from analytics.results import Result
from analytics.studies import customer_words as spoken
from analytics.studies.customer import STUDY
from pages.shell.cards import cards
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.navigation import INSIDE, page
from pages.shell.tables import table
from pages.shell.words import literal, words

ROWS: dict[str, Callable[[pd.DataFrame, Words], pd.DataFrame]] = {
    "profile": spoken.profile, "attributes": spoken.named,
    **dict.fromkeys(("orders", "points", "contacts", "feedback", "tiers", "deals"), spoken.named),
}
HOME = {"next_need": ("segments", {"tab": "next_need"})}  # where a study is that stands inside another page


def customer_view(result: Result) -> None:
    """The answer of the study `customer`."""
    cards(result, hidden=("expected_orders",))  # a fraction of an order needs its decimal: told below
    if "suggestions" in result.tables:
        _suggestions(result.tables["suggestions"])
    if "profile" in result.tables:
        _standing(result)
        _expected(result)
        draw(STUDY, result)
        _rows(result)


def _suggestions(found: pd.DataFrame) -> None:
    """Customers worth a look, each a click away."""
    say = words()
    st.subheader(say("pages.customer.worth_a_look"), anchor=False)
    for _, row in found.iterrows():
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"suggested_{row['reason']}"):
            st.markdown(literal(spoken.suggestion(row, say)), width="stretch")
            customer = str(row["customer_id"])
            label = say("pages.customer.open", customer=literal(customer))
            st.page_link(page("customer"), label=label, icon=":material/arrow_forward:", query_params={"customer": customer})


def _standing(result: Result) -> None:
    if "standing" not in result.tables:
        return
    say = words()
    with st.container(border=True, key="standing"):
        st.subheader(say("pages.customer.standing"), anchor=False)
        for kind, value, rule in spoken.standing(result.tables["standing"], say):
            st.markdown(f"{literal(kind)}: **{literal(value)}** :gray[{literal(rule)}]")


def _expected(result: Result) -> None:
    """Predictions with interval and reason, the next needs, and the way to models that are not fitted yet."""
    say = words()
    parts = {"predictions": spoken.predictions, "needs": spoken.needs}
    if not any(name in result.tables for name in (*parts, "unfitted")):
        return
    with st.container(border=True, key="expected"):
        st.subheader(say("pages.customer.expected"), anchor=False)
        for name, told in parts.items():
            if name in result.tables:
                st.table(told(result.tables[name], say).map(literal), hide_index=True, border="horizontal")
        if "unfitted" in result.tables:
            _unfitted(result.tables["unfitted"])


def _unfitted(found: pd.DataFrame) -> None:
    say = words()
    with st.container(horizontal=True, vertical_alignment="center", key="unfitted"):
        st.caption(say("pages.customer.unfitted"), width="content")
        for study in found["study"]:
            name, query = HOME[study] if study in INSIDE else (study, {})
            st.page_link(page(name), label=say(f"studies.{study}.title"), icon=":material/arrow_forward:", query_params=query)


def _rows(result: Result) -> None:
    """A tab for each kind of row; only the open one is drawn."""
    say, held = words(), [name for name in ROWS if name in result.tables]
    with st.container(border=True, key="figure_rows"):
        st.subheader(say("pages.customer.rows"), anchor=False)
        labels = [say(f"pages.customer.{name}") for name in held]
        for name, tab in zip(held, st.tabs(labels, key=f"rows_{say.language}_{len(held)}", on_change="rerun"), strict=True):
            if tab.open:
                with tab:
                    _shown(name, ROWS[name](result.tables[name], say))


def _shown(name: str, rows: pd.DataFrame) -> None:
    table(rows)
    with st.container(horizontal=True, key=f"tools_{name}"):
        downloads(rows, f"tierwise-customer-{name}")
