"""From any list of customers to one of them: a row selected opens the customer's page."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.shell.navigation import page
from pages.shell.tables import table


def customers_table(ids: pd.Series, shown: pd.DataFrame, key: str) -> None:
    """Draw customers, row i of `shown` being the customer ids[i]; a selected row opens its customer."""
    chosen = table(shown, key=key, on_select="rerun", selection_mode="single-row")
    if chosen and chosen["selection"]["rows"]:
        open_customer(str(ids.iloc[chosen["selection"]["rows"][0]]))


def open_customer(customer: str) -> None:
    """Leave for the customer's page; the id stands in its URL."""
    st.switch_page(page("customer"), query_params={"customer": customer})
