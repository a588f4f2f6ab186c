"""The value of customers on screen: a tab for each part of the answer; the customers above a threshold, as a table and as a file."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import value as study
from analytics.studies.value_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.customer_list import SHOWN
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.session import access, version_key
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.words import words


def values(params: study.Params, result: Result) -> None:
    """Each part of the answer in a tab; a refusal without any."""
    parts = study.parts(result)
    if result.refused is not None:
        cards(result)
    else:
        tabs({f"pages.value.{name}": partial(_part, params, part) for name, part in parts.items()})


def _part(params: study.Params, result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)
    if "customers" in result.tables:
        _customers(params)


def _customers(params: study.Params) -> None:
    """Customers worth at least so much; the file holds all of them."""
    say, everyone = words(), _members(version_key(), params, access(), fingerprint())
    by = "value" if "value" in everyone else "expected_orders"
    key = "value" if by == "value" else "orders"
    with st.container(border=True, key="figure_value_customers"):
        st.subheader(say("pages.value.customers" if key == "value" else "pages.value.customers_orders"), anchor=False)
        least = _threshold(everyone[by], key)
        found = everyone[everyone[by] >= least]
        st.caption(_told(found[by], everyone[by], key))
        table(named(found.head(SHOWN), say))
        with st.container(horizontal=True, key="tools_value_customers"):
            downloads(named(found, say), f"tierwise-value-{least:g}")


def _threshold(worth: pd.Series, key: str) -> float:
    """A slider over round shares of the customers, in money or orders."""
    say, digits = words(), 2 if key == "value" else 1
    steps = np.unique([0.0, *(_round(worth.quantile(at), digits) for at in np.linspace(0.03, 0.99, 33))])
    if len(steps) < 2:
        return 0.0
    start = min(steps, key=lambda step: abs(step - worth.quantile(0.9)))
    label = say("pages.value.from_value" if key == "value" else "pages.value.from_orders")
    write = partial(say.money, compact=True) if key == "value" else partial(say.number, digits=1)
    return float(st.select_slider(label, steps.tolist(), value=float(start), format_func=write, key=f"least_{key}"))


def _round(value: float, digits: int) -> float:
    """Two leading digits, and no more decimals than are written."""
    return round(float(f"{value:.2g}"), digits)


def _told(found: pd.Series, everyone: pd.Series, key: str) -> str:
    say = words()
    write = partial(say.money, compact=True) if key == "value" else say.number
    share = say.share(len(found) / max(len(everyone), 1))
    facts = {"n": len(found), "share": share, "held": write(found.sum()), "whole": write(everyone.sum())}
    return say("pages.value.above" if key == "value" else "pages.value.above_orders", **facts)


@st.cache_data(max_entries=16, show_spinner=False)
def _members(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.members(open_warehouse(access), params)
