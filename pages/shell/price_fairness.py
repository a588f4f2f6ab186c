"""Price fairness on screen: the gap, the products that drive it, who pays it; a tab each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from analytics.access import Access
from analytics.results import Result
from analytics.settings import fingerprint
from analytics.studies import price_fairness as study
from analytics.studies.price_fairness_figures import named
from analytics.warehouse import open_warehouse
from pages.shell.cards import cards
from pages.shell.downloads import downloads
from pages.shell.figures import draw
from pages.shell.session import access, version_key
from pages.shell.tables import table
from pages.shell.tabs import tabs
from pages.shell.tile import tile
from pages.shell.words import words


def shown(params: study.Params, result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts: dict[str, Callable[[Result], None]] = {"gap": _gap, "products": partial(_products, params), "who": _who}
    tabs({f"pages.price_fairness.{name}": partial(parts[name], part) for name, part in study.parts(result).items()})


def _gap(result: Result) -> None:
    cards(result)
    draw(study.STUDY, result)


def _who(result: Result) -> None:
    draw(study.STUDY, result)
    if "coupons" in result.tables:
        _table(result, "coupons")


def _products(params: study.Params, result: Result) -> None:
    """Those of flagged categories, or where there are none those with most money at stake; the download holds all."""
    draw(study.STUDY, result)
    say = words()
    with st.container(border=True, key="figure_price_fairness_products_all"):
        st.subheader(say("pages.price_fairness.products_title"), anchor=False)
        rows = result.tables["products"]
        table(named((rows[rows["drives"]] if rows["drives"].any() else rows).drop(columns="drives"), say))
        with st.container(horizontal=True, key="tools_price_fairness_products_all"):
            downloads(named(_every(version_key(), params, access(), fingerprint()), say), "tierwise-prices")


def _table(result: Result, name: str) -> None:
    say = words()
    tile(f"price_fairness_{name}", say(f"pages.price_fairness.{name}"), named(result.tables[name], say), f"tierwise-prices-{name}")


@st.cache_data(max_entries=8, show_spinner=False)
def _every(version_key: tuple[str, int, str], params: study.Params, access: Access, code: str) -> pd.DataFrame:
    return study.every_product(open_warehouse(access), params)
