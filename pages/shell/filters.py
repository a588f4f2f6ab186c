"""One compact bar: period, region, channel, tier. Only what the data can answer; the choice is kept in the URL."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from analytics.access import Access
from analytics.studies.base import Filters
from analytics.warehouse import Warehouse, open_warehouse
from pages.shell import session
from pages.shell.words import literal, words

DIMENSIONS = ("region", "channel", "tier")
_MOST = 500  # values offered in one filter


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """months in order as YYYY-MM; dimension -> its values, only where there are at least two to choose from."""

    months: tuple[str, ...]
    values: dict[str, tuple[str, ...]]


def filters() -> Filters:
    """Draw the filters and return what is chosen in them."""
    offered = _choices(session.version_key(), session.access())
    months = _period(offered.months) if len(offered.months) > 1 else None
    chosen = {name: _values(name, offered.values[name]) for name in DIMENSIONS if name in offered.values}
    if months or any(chosen.values()):
        st.button(words()("filters.clear"), type="tertiary", icon=":material/close:", on_click=_clear, args=(offered,), key="clear")
    return Filters(period=months, **chosen)


@st.cache_data(max_entries=32, show_spinner=False)
def _choices(version_key: tuple[str, int, str], access: Access) -> Choices:
    house = open_warehouse(access)
    months = house.frame("select distinct strftime(month, '%Y-%m') as month from cube where month is not null order by month")
    values = {name: _distinct(house, name) for name in DIMENSIONS}
    return Choices(months=tuple(months["month"]), values={name: found for name, found in values.items() if len(found) > 1})


def _distinct(house: Warehouse, name: str) -> tuple[str, ...]:
    sql = f'select "{name}" as value from cube where "{name}" is not null group by 1 order by sum(orders) desc, 1 limit {_MOST}'
    return tuple(house.frame(sql)["value"].astype(str))


def _period(months: tuple[str, ...]) -> tuple[str, str] | None:
    say, whole = words(), (months[0], months[-1])
    now = tuple(st.query_params.get_all("period"))
    label = " – ".join(now) if len(now) == 2 else say("filters.all_time")
    with st.popover(label, icon=":material/calendar_month:"):
        chosen = st.select_slider(say("filters.period"), months, value=whole, key="period", bind="query-params")
    return None if chosen == whole else chosen


def _values(name: str, options: tuple[str, ...]) -> tuple[str, ...]:
    say = words()
    now = [value for value in st.query_params.get_all(name) if value in options]
    label = say(f"filters.{name}") + (f" · {literal(now[0])}" if now else "") + (f" +{len(now) - 1}" if len(now) > 1 else "")
    with st.popover(label, icon=_ICONS[name]):
        return tuple(st.multiselect(say(f"filters.{name}"), options, key=name, bind="query-params", placeholder=say("filters.all")))


_ICONS = {"region": ":material/map:", "channel": ":material/storefront:", "tier": ":material/stairs:"}


def _clear(offered: Choices) -> None:
    if len(offered.months) > 1:
        st.session_state["period"] = (offered.months[0], offered.months[-1])
    for name in offered.values:
        st.session_state[name] = []
