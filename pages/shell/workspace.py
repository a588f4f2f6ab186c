"""What a workspace keeps: its versions, and what it has agreed on."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

import pandas as pd
import streamlit as st
from babel.dates import format_datetime

from analytics import jobs, store
from analytics.presets import PRESETS
from analytics.store import Version
from pages.shell.notes import file_name
from pages.shell.session import version, workspace
from pages.shell.words import words


def versions_tab() -> None:
    """Every version, newest first, and the way back to an earlier one."""
    say, now, kept = words(), version(), store.versions(workspace())
    st.caption(say("data.versions.hint"))
    if not kept:
        return
    names = [say(f"data.versions.{name}") for name in ("number", "created", "files", "rows")]
    st.dataframe(pd.DataFrame([_row(one, now) for one in kept], columns=names), hide_index=True)
    earlier = [one.number for one in kept if one.number != now.number]
    if earlier:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(say("data.versions.choose"), earlier, key="go_back_to", width=260)
            st.button(say("data.versions.go_back", number=chosen), on_click=_go_back, args=(chosen,), key="go_back",
                      icon=":material/history:")


def _row(one: Version, now: Version) -> tuple[str, str, str, str]:
    say = words()
    notes = [say("data.versions.current")] if one.number == now.number else []
    notes += [say("data.versions.erased", n=one.erased)] if one.erased else []
    number = f"{one.number}" + (f" ({', '.join(notes)})" if notes else "")
    made = datetime.fromisoformat(one.created_at).astimezone(ZoneInfo(now.settings.time_zone))
    files = say("data.versions.sample") if one.demo else ", ".join(file_name(str(file["path"])) for file in one.files)
    rows = " · ".join(f"{say(f'data.tables.{table}')} {say.number(facts['rows'])}" for table, facts in one.summary.items())
    return number, format_datetime(made, "medium", locale=say.locale), files, rows


def _go_back(number: int) -> None:
    store.go_back(workspace(), number)
    st.toast(words()("data.versions.gone_back", number=number))


def settings_tab() -> None:
    """Industry, currency, time zone, as-of date, fiscal year, smallest group: one agreement for every analysis."""
    say, now = words(), version().settings
    st.caption(say("data.settings.hint"))
    with st.form("settings", width=520):
        zones = sorted(available_timezones())
        typed = {
            "preset": st.selectbox(**_labels("preset"), options=list(PRESETS), index=list(PRESETS).index(now.preset),
                                   format_func=lambda name: say(f"presets.{name}")),
            "currency": st.text_input(**_labels("currency"), value=now.currency, max_chars=3),
            "time_zone": st.selectbox(**_labels("time_zone"), options=zones, index=zones.index(now.time_zone)),
            "as_of": st.date_input(**_labels("as_of"), value=now.as_of, format="YYYY-MM-DD"),
            "fiscal_year": st.number_input(**_labels("fiscal_year"), min_value=1, max_value=12, value=now.fiscal_year),
            "min_cell": st.number_input(**_labels("min_cell"), min_value=1, max_value=1000, value=now.min_cell),
        }
        if st.form_submit_button(say("data.settings.save"), type="primary"):
            made = jobs.change_settings(workspace(), {name: "" if value is None else str(value) for name, value in typed.items()})
            st.success(say("data.settings.saved", number=made.number))


def _labels(name: str) -> dict[str, str]:
    say = words()
    return {"label": say(f"data.settings.{name}"), "help": say(f"data.settings.{name}_help")}
