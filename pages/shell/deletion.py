"""Erasing a customer or the workspace, for whoever is not at a terminal. What is to go is typed by name, the customer twice."""

from __future__ import annotations

import streamlit as st

from analytics.erasure import delete_customer, delete_workspace
from analytics.settings import DEFAULT_WORKSPACE
from pages.shell.flow import start_over
from pages.shell.session import workspace
from pages.shell.words import literal, words


def deletion_tab() -> None:
    st.caption(words()("data.deletion.hint"))
    _tell()
    _customer()
    _workspace()


def _tell() -> None:
    """What the last deletion did, once: the page has been drawn anew since."""
    if done := st.session_state.pop("deleted", None):
        st.success(done, icon=":material/check_circle:")


def _customer() -> None:
    say = words()
    with st.form("delete_customer", width=520, clear_on_submit=True):
        st.markdown(f"**{say('data.deletion.customer')}**")
        st.caption(say("data.deletion.customer_hint"))
        first = st.text_input(say("data.deletion.id"), help=say("data.deletion.id_help"), key="erase_id", autocomplete="off")
        again = st.text_input(say("data.deletion.id_again"), key="erase_id_again", autocomplete="off")
        if not st.form_submit_button(say("data.deletion.customer_delete"), icon=":material/person_remove:", key="erase_customer"):
            return
    if first != again:
        st.error(say("data.deletion.ids_differ"), icon=":material/error:")
        return
    with st.spinner(say("data.deletion.working"), show_time=True):
        erased = delete_customer(workspace(), first)
    facts = {"rows": sum(erased.rows.values()), "rejects": erased.rejects, "versions": len(erased.versions)}
    _again(say("data.deletion.customer_done", **facts))


def _workspace() -> None:
    say, name = words(), workspace()
    with st.form("delete_workspace", width=520, clear_on_submit=True):
        st.markdown(f"**{say('data.deletion.workspace', name=literal(name))}**")
        st.caption(say("data.deletion.workspace_hint"))
        typed = st.text_input(say("data.deletion.name"), key="erase_name", autocomplete="off")
        if not st.form_submit_button(say("data.deletion.workspace_delete"), icon=":material/delete_forever:", key="erase_workspace"):
            return
    if typed.strip() != name:
        st.error(say("data.deletion.name_differs"), icon=":material/error:")
        return
    with st.spinner(say("data.deletion.working"), show_time=True):
        removed = delete_workspace(name)
    st.session_state["workspace"] = DEFAULT_WORKSPACE
    _again(say("data.deletion.workspace_done", name=literal(name), versions=removed.versions, files=removed.files))


def _again(done: str) -> None:
    """Nothing of what was computed before is kept, nor an upload in hand; the page is drawn on what is left."""
    start_over()
    st.cache_data.clear()
    st.session_state["deleted"] = done
    st.rerun()
