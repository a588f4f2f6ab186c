"""Allocation and small customers on screen: the tabs that hold lists, what is assumed said beside every gain."""

from __future__ import annotations

from pathlib import Path

from analytics.i18n import Words
from tests.pages.conftest import Open, texts


def test_changes_are_listed_under_the_assumption_they_rest_on(sample: Path, open_page: Open) -> None:
    app, say = open_page("allocation", tab="changes"), Words("en")
    assert [error.value for error in app.error] == []
    assert 1 <= len(app.metric) <= 7
    assert say("pages.allocation.list") in texts(app)
    assert "The response is an assumption" in texts(app)


def test_customers_expected_to_grow_are_listed_and_not_called_responsive(sample: Path, open_page: Open) -> None:
    app, say = open_page("small_customers", "zh-CN", tab="gems"), Words("zh-CN")
    assert [error.value for error in app.error] == []
    assert say("pages.small_customers.customers") in texts(app)
    assert "而不是谁会响应优惠" in texts(app)
