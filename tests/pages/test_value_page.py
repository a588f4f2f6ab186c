"""The page of value: three tabs, a threshold in money, terms from the URL, a refusal in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.i18n import LANGUAGES
from tests.pages.conftest import Open, texts

CARDS = {"now": 7, "trust": 3, "groups": 1}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", CARDS)
def test_each_tab_opens_with_the_finding_and_its_figures(tab: str, language: str, sample: Path, open_page: Open) -> None:
    app = open_page("value", language, tab=tab)
    assert [error.value for error in app.error] == []
    assert "MBG/NBD" in texts(app)
    assert len(app.metric) == CARDS[tab]
    assert all(metric.help for metric in app.metric)


def test_a_higher_threshold_leaves_fewer_customers_who_hold_less(sample: Path, open_page: Open) -> None:
    def left(place: int) -> int:
        app = open_page("value")
        slider = app.select_slider(key="least_value")
        slider.set_value(float(slider.options[place].removeprefix("£"))).run()
        told = next(str(caption.value) for caption in app.caption if "are at or above it" in str(caption.value))
        return int(told.split()[0])

    assert left(0) == 999
    assert 0 < left(-1) < 15


def test_terms_from_the_url_change_the_money_and_not_the_orders(sample: Path, open_page: Open) -> None:
    def told(**query: str) -> list[str]:
        return [str(metric.value) for metric in open_page("value", **query).metric][:3]

    usual, dear = told(), told(discount="0.5")
    assert usual[:2] == dear[:2]
    assert usual[2] != dear[2]
