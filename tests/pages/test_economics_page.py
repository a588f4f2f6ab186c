"""The page of costs and return: its tabs, and the form in which costs are typed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analytics import store
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies.ledger import ledger
from pages.shell import ledger as form
from tests.pages.conftest import Open, texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_return_stands_on_its_own_tab_and_costs_on_theirs(
    language: str, demo_home: Path, monkeypatch: pytest.MonkeyPatch, open_page: Open
) -> None:
    monkeypatch.setenv("LOYALTY_HOME", str(demo_home))
    say = Words(language)
    first = {"pays": "roi", "costs": "cost", "budget": "programme_share"}
    for tab, name in first.items():
        app = open_page("economics", language, tab=tab)
        assert [error.value for error in app.error] == []
        assert say(f"studies.economics.estimates.{name}.label") in {metric.label for metric in app.metric}
    ledger = open_page("economics", language, tab="ledger")
    assert set(ledger.dataframe[0].value[say("economics.columns.kind")]) >= {say("economics.kinds.rewards"), say("economics.kinds.people")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_any_cost_the_form_stands_below_what_is_missing(
    language: str, home: Path, write: Callable[..., Path], open_page: Open
) -> None:
    from analytics import jobs

    orders = write("orders.csv", "order id,customer id,order date,amount\n1,A,2024-01-02,5\n2,B,2024-02-03,6\n")
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(orders)], "answers": {}})
    app, say = open_page("economics", language), Words(language)
    assert say("studies.economics.empty") in texts(app)
    assert say("pages.economics.add") in texts(app)
    app.button(key="costs_keep").click().run()
    assert say("errors.no_costs.fact") in app.error[0].value
    assert store.current(DEFAULT_WORKSPACE).number == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_typed_is_kept_under_the_class_it_was_given(
    language: str, home: Path, write: Callable[..., Path], open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analytics import jobs

    orders = write("orders.csv", "order id,customer id,order date,amount\n1,A,2024-01-02,5\n2,B,2024-02-03,6\n")
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(orders)], "answers": {}})
    day, kind = pd.Timestamp("2024-01-01"), Words(language)("economics.kinds.people")
    typed = pd.DataFrame([{"category": kind, "supplier": "<b>X</b>", "first": day, "last": pd.Timestamp("2024-02-01"), "amount": 12.5}])
    monkeypatch.setattr(form, "_empty", lambda: typed)  # the test has no hands to type into the table
    app = open_page("economics", language)
    app.button(key="costs_keep").click().run(timeout=60)
    assert [error.value for error in app.error] == []
    assert Words(language)("pages.economics.kept", n=2) in {told.value for told in app.success}
    kept = ledger(open_current(Access(workspace=DEFAULT_WORKSPACE)))
    assert kept.rows.groupby("kind")["amount"].sum().to_dict() == {"people": 25.0}
