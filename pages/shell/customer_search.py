"""Looking a customer up by id: the whole of it opens the customer, its beginning lists those it may be."""

from __future__ import annotations

import streamlit as st

from analytics.errors import UserError
from analytics.studies.customer_search import beginning, resolve
from analytics.studies.customer_words import named
from pages.shell.errors import explain
from pages.shell.open_customer import customers_table, open_customer
from pages.shell.session import version, warehouse
from pages.shell.words import words


def search() -> None:
    """A box for the id. What was typed is not kept in the URL: it may be an original that is stored under a pseudonym."""
    say = words()
    with st.form("look_up", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(say("pages.customer.search"), placeholder=say("pages.customer.search_hint"), key="look_up_id",
                              type="search", autocomplete="off", width=360)
        asked = st.form_submit_button(say("pages.customer.go"), icon=":material/search:", key="look_up_go")
    if asked:
        st.session_state["looked_up"] = typed
    if version().number and (text := st.session_state.get("looked_up", "").strip()):
        _answer(text)


def _answer(text: str) -> None:
    try:
        found = resolve(warehouse(), text)
    except UserError as unknown:
        _offer(text, unknown)
    else:
        st.session_state.pop("looked_up")
        if found != st.query_params.get("customer"):
            open_customer(found)


def _offer(text: str, unknown: UserError) -> None:
    """Customers whose id begins so; where there are none, why."""
    say, found = words(), beginning(warehouse(), text)
    if found.empty:
        explain(unknown)
        return
    st.caption(say("pages.customer.found"))
    customers_table(found["customer_id"], named(found, say), "looked_up_customers")
