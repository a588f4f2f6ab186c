"""The first thing on the first page: the figure that others sell as uplift, crossed out, beside what would be needed to know."""

from __future__ import annotations

import streamlit as st
from babel.lists import format_list

from analytics.results import Result
from pages.shell.session import warehouse
from pages.shell.words import words

# what lets data speak of causes: table and column -> the key of its name
DESIGNS = {("experiments", "arm"): "experiment", ("customers", "enrolled_on"): "enrolment", ("tier_rules", "threshold"): "thresholds"}


def claim(result: Result) -> None:
    """Nothing where there are no two groups to compare."""
    if "naive_gap" not in result.estimates:
        return
    say, gap, groups = words(), result.estimates["naive_gap"], result.tables["gap"]
    measure, months = groups["measure"].iloc[0], int(groups["months"].iloc[0])
    counts = {name: int(groups.loc[groups["group"] == name, "customers"].iloc[0]) for name in ("members", "others")}
    with st.container(border=True, horizontal=True, key="claim", gap="large"):
        with st.container(key="claim_gap", gap=None):
            st.caption(say("overview.claim.vendor"))
            st.markdown(f"### ~~{say('overview.claim.gap', sign='+' if gap.value > 0 else '', value=gap)}~~", anchors=False)
            st.caption(say(f"overview.claim.how.{measure}", interval=say.interval(gap), months=months, **counts))
        with st.container(key="claim_effect", gap=None):
            st.caption(say("overview.claim.programme"))
            st.markdown(f"### {say('overview.claim.unknown')}", anchors=False)
            st.caption(say("overview.claim.why") + " " + _designs())


def _designs() -> str:
    """What the data at hand holds that could tell."""
    say, present = words(), warehouse().present()
    found = [say(f"overview.claim.designs.{name}") for (table, column), name in DESIGNS.items() if column in present.get(table, ())]
    return say("overview.claim.holds", designs=format_list(found, locale=say.locale)) if found else say("overview.claim.holds_nothing")
