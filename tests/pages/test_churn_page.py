"""The churn page: a tab for each part, the list that follows the threshold, a refusal that says what is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs
from analytics.access import Access
from analytics.fits import fitted
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies.churn import STUDY, Params
from tests.pages.conftest import Open, texts
from tests.studies.test_churn import snapshot


@pytest.fixture
def contracts(home: Path, write: Callable[..., Path]) -> Path:
    """A snapshot of contracts, loaded and fitted."""
    jobs.start_load(DEFAULT_WORKSPACE, [write("contracts.csv", snapshot() + "\n")], {}).result()
    for fit, asked in STUDY.fits(Params()):
        fitted(open_current(Access(workspace=DEFAULT_WORKSPACE)), fit, **asked)
    return home


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_tab_shows_its_part(language: str, contracts: Path, open_page: Open) -> None:
    say = Words(language)
    for tab, wanted in (("who", "pages.churn.customers"), ("trust", "pages.churn.models")):
        app = open_page("churn", language, tab=tab)
        assert [error.value for error in app.error] == []
        assert say(wanted) in texts(app)
        assert all(metric.help for metric in app.metric)
    app = open_page("churn", language, tab="why")
    assert any("plan" in heading.value for heading in app.subheader)


def test_the_list_follows_the_threshold_and_money_appears_with_a_value(contracts: Path, open_page: Open) -> None:
    app, say = open_page("churn"), Words("en")
    assert not {say("pages.churn.profit")} & {metric.label for metric in app.metric}  # nobody knows what a contract is worth
    app.slider[0].set_value(0).run()
    everyone = len(app.dataframe[0].value)
    app.slider[0].set_value(60).run()
    assert 0 < len(app.dataframe[0].value) < everyone
    worth = open_page("churn", customer_value="100")
    assert say("pages.churn.profit") in {metric.label for metric in worth.metric}


def test_risk_is_never_shown_without_saying_that_it_is_not_response(contracts: Path, open_page: Open) -> None:
    for language in LANGUAGES:
        assert Words(language)("churn.warnings.response") in [warning.value for warning in open_page("churn", language).warning]


def test_data_that_is_too_small_is_refused_in_words(home: Path, open_page: Open, write: Callable[..., Path]) -> None:
    rows = "customer id,plan,churn\n" + "".join(f"K{at},{'ab'[at % 2]},{'yes' if at % 3 else 'no'}\n" for at in range(40))
    jobs.start_load(DEFAULT_WORKSPACE, [write("few.csv", rows)], {}).result()
    for fit, asked in STUDY.fits(Params()):
        fitted(open_current(Access(workspace=DEFAULT_WORKSPACE)), fit, **asked)
    app = open_page("churn")
    assert len(app.error) == 0 and not app.metric
    assert "40" in texts(app) and "100" in texts(app)
