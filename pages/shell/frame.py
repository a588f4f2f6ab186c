"""What surrounds every page: icon, logo, style, the sidebar with the language and the way to upload."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from analytics import store
from pages.shell.errors import user_errors
from pages.shell.footer import footer
from pages.shell.framed import framed
from pages.shell.navigation import menu, navigation, page
from pages.shell.samples import open_on_demo
from pages.shell.session import workspace
from pages.shell.words import keep_language, language_switch, words

LOOK = Path(__file__).parent / "look"


def frame() -> None:
    """Draw the page that is asked for, within its surroundings."""
    keep_language()
    with user_errors():
        open_on_demo()
    _configure()
    asked = navigation()
    _configure()  # once more: navigation puts a page's icon in place of ours, and a browser would fetch it from a font host
    _surroundings()
    with user_errors(), framed():
        asked.run()
    with user_errors():
        footer()


def _configure() -> None:
    """Icon, width, and the menu, which holds the choice of light and dark only when it has an entry of ours."""
    st.set_page_config(
        page_title="Tierwise", page_icon=str(LOOK / "icon.png"), layout="wide", menu_items={"About": words()("shell.about")},
    )


def _surroundings() -> None:
    theme = st.context.theme.type or "light"
    st.logo(str(LOOK / f"logo-{theme}.svg"), size="large")
    st.html(LOOK / "style.css")
    with st.sidebar:
        menu()
        with st.container(key="aside"):
            st.page_link(page("data"), label=words()("shell.upload"), icon=":material/upload_file:", width="stretch")
            _workspace()
            language_switch()


def _workspace() -> None:
    """A choice of workspace, once there is more than one."""
    names = store.workspaces()
    if len(names) > 1:
        now = names.index(workspace()) if workspace() in names else 0
        st.session_state["workspace"] = st.selectbox(words()("shell.workspace"), names, index=now, key="workspace_choice")
