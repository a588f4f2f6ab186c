"""The session's language: chosen once, kept in the URL as ?lang=, by default the browser's."""

from __future__ import annotations

import re
from collections.abc import Mapping

import streamlit as st

from analytics.errors import UserError
from analytics.i18n import DEFAULT_LANGUAGE, LANGUAGES, Words
from analytics.results import Note
from analytics.settings import Settings
from pages.shell.session import version

_SHORT = {"en": "EN", "zh-CN": "中文"}
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_LINKS = re.compile(r"([:@]|www)")


def language() -> str:
    """?lang=, else what the session used before, else the browser's."""
    asked = st.query_params.get("lang") or st.session_state.get("language")
    if asked in LANGUAGES:
        return str(asked)
    return "zh-CN" if str(st.context.locale or "").lower().startswith("zh") else DEFAULT_LANGUAGE


def keep_language() -> None:
    """Write the language back into the URL: following a link to another page drops what is not bound to a widget."""
    st.session_state["language"] = language()
    if st.query_params.get("lang") != st.session_state["language"]:
        st.query_params["lang"] = st.session_state["language"]


def language_switch() -> None:
    st.segmented_control(
        "Language / 语言", list(LANGUAGES), format_func=_SHORT.get, default=language(), required=True,
        key="language_switch", on_change=_switch, label_visibility="collapsed", width="stretch",
    )


def _switch() -> None:
    st.session_state["language"] = st.session_state["language_switch"]
    st.query_params["lang"] = st.session_state["language"]


def words() -> Words:
    """Strings and number formats of this session: its language, the workspace's currency and industry."""
    try:
        settings = version().settings
    except UserError:  # a damaged version has to be told in words, too
        settings = Settings()
    return Words(language(), settings.currency, settings.preset)


def literal_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Facts of a wording, its texts made literal, those of notes within it too; numbers and days stay what they are."""
    return {name: _literal(value) for name, value in facts.items()}


def _literal(value: object) -> object:
    if isinstance(value, Note):
        return Note(key=value.key, facts=literal_facts(value.facts))
    return literal(value) if isinstance(value, str) else value


def literal(text: object) -> str:
    """Uploaded text as Markdown shows it unchanged: no emphasis, image, link, formula or directive comes alive."""
    flat = " ".join(str(text).split())
    return _LINKS.sub("\\1\u2060", _MARKUP.sub(r"\\\1", flat))
