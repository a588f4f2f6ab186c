"""The dependency page: a tab for each part, the trap named as one, the list of customers, what stopping needs, a refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs
from analytics.access import Access
from analytics.fits import fitted
from analytics.i18n import Words
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies.dependency import STUDY, Params
from tests.pages.conftest import Open, texts

TABS = {"much": 4, "who": 3, "rewards": 2, "stop": 0}  # and their cards


SAID = {
    "much": ["dependency.warnings.no_cause"],
    "who": ["pages.dependency.nobody"],
    "rewards": ["pages.dependency.moved", "dependency.warnings.rewards.not_sold"],
    "stop": ["pages.dependency.stop_cannot", "dependency.removed.experiments.lacking", "dependency.removed.paused.lacking"],
}


@pytest.mark.parametrize(("language", "tab"), [("en", tab) for tab in TABS] + [("zh-CN", "rewards"), ("zh-CN", "stop")])
def test_each_tab_shows_its_part(language: str, tab: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("dependency", language, tab=tab), Words(language)
    assert [error.value for error in app.error] == []
    assert len(app.metric) == TABS[tab]
    assert all(metric.help for metric in app.metric)
    assert all(say(key) in texts(app).replace("\\", "") for key in SAID[tab])
    assert (tab == "rewards") == any(trap in texts(app) for trap in ("Not evidence", "不是证据"))


def test_a_discount_no_order_reaches_is_refused_in_words(sample: Path, open_page: Open, home: Path, write: Callable[..., Path]) -> None:
    rows = [f"{who}-{at},{who},2024-0{1 + at}-05,50,0" for who in range(40) for at in range(4)] + ["9-9,9,2024-05-30,50,1"]
    path = write("orders.csv", "\n".join(["order id,customer id,order date,amount,discount", *rows, ""]))
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(path)], "answers": {}, "fresh": True})
    app = open_page("dependency")
    assert [error.value for error in app.error] == []
    assert not app.metric


def test_without_discounts_or_points_the_page_says_what_would_unlock_it(home: Path, write: Callable[..., Path], open_page: Open) -> None:
    path = write("orders.csv", "order id,customer id,order date,amount\n1,1,2024-01-05,50\n")
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(path)], "answers": {}})
    app, say = open_page("dependency"), Words("en")
    assert say("shell.locked") in texts(app) and not app.metric


def test_customers_who_buy_on_offer_mostly_are_listed(home: Path, write: Callable[..., Path], open_page: Open) -> None:
    rows = [f"{who}-{at},C{who},2024-0{1 + at}-05,80,{20 if who < 8 else 0}" for who in range(40) for at in range(4)]
    path = write("orders.csv", "\n".join(["order id,customer id,order date,amount,discount", *rows, "last,C39,2024-04-30,80,0", ""]))
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(path)], "answers": {}})
    house = open_current(Access(workspace=DEFAULT_WORKSPACE))
    for fit, asked in STUDY.fits(Params()):
        fitted(house, fit, **asked)
    app, say = open_page("dependency", tab="who"), Words("en")
    assert [error.value for error in app.error] == []
    assert say("pages.dependency.customers") in texts(app)
    assert say("pages.customers.shown", shown=8, n=8) in texts(app)
