"""From a group down to its customers, as a table and as a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from pages.shell.downloads import downloads
from pages.shell.open_customer import customers_table
from pages.shell.words import words

SHOWN = 200


def customer_list(
    page: str, by: str, groups: Mapping[str, str], everyone: pd.DataFrame, named: Callable[[pd.DataFrame], pd.DataFrame], *, first: str = ""
) -> None:
    """Pick a group; its first customers are shown, a row leads to its customer; the files hold all of them.

    page    whose strings head the list: pages.<page>.customers and .pick
    by      the column of `everyone` (best customers first) that holds the group; groups: its values and their names
    named   puts the columns into words; first: the group that is open at the start
    """
    say = words()
    with st.container(border=True, key=f"figure_{by}_customers"):
        st.subheader(say(f"pages.{page}.customers"), anchor=False)
        index = list(groups).index(first) if first in groups else 0
        chosen = st.selectbox(say(f"pages.{page}.pick"), groups, index=index, format_func=groups.get, key=by, width=320)
        found = everyone[everyone[by] == chosen].reset_index(drop=True)
        st.caption(say("pages.customers.shown", shown=min(SHOWN, len(found)), n=len(found)))
        customers_table(found["customer_id"], named(found.head(SHOWN)), f"customers_{by}_{chosen}")
        with st.container(horizontal=True, key=f"tools_{by}_customers"):
            downloads(named(found), f"tierwise-{by}-{chosen}")
