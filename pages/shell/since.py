"""What has changed since the last version of the data, where there is one."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from analytics.results import Result
from pages.shell.words import words


def since_last_version(result: Result) -> None:
    """Each figure then and now. Nothing for the first version of a data set."""
    if "versions" not in result.tables:
        return
    say, rows = words(), result.tables["versions"]
    made = datetime.fromisoformat(rows["created_at"].iloc[0]).date()
    with st.container(border=True, key="figure_since"):
        st.subheader(say("overview.since.title", version=int(rows["version"].iloc[0]), day=made), anchor=False)
        st.caption(say("overview.since.note"))
        st.dataframe(pd.DataFrame([_row(result, row) for row in rows.to_dict("records")]), hide_index=True)


def _row(result: Result, row: dict[str, object]) -> dict[str, str]:
    say, name = words(), str(row["estimate"])
    unit, before, now = result.estimates[name].unit, float(str(row["before"])), float(str(row["now"]))
    return {
        say("overview.since.figure"): say(f"studies.{result.study}.estimates.{name}.label"),
        say("overview.since.before"): say.quantity(before, unit),
        say("overview.since.now"): say.quantity(now, unit),
        say("overview.since.change"): say.change(now, before, unit) if before else "–",
    }
