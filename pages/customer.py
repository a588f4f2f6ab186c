"""Who is this customer, what is to be expected, and why? Look one up; without one, three worth a look."""

import streamlit as st

from analytics.studies.customer import STUDY, Params
from pages.shell import answer, heading, user_errors
from pages.shell.customer_search import search
from pages.shell.customer_view import customer_view

heading(STUDY)
with user_errors():
    search()
    customer_view(answer(STUDY, Params(customer=st.query_params.get("customer", ""))))
