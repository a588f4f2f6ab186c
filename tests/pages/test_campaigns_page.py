"""The campaigns page: a tab for each part, the list that follows the slider, words that never promise a response, a refusal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analytics import jobs
from analytics.access import Access
from analytics.fits import fitted
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies.campaigns import STUDY, Params
from tests.pages.conftest import Open, texts
from tests.studies.experiments import START, experiment, halves, name, orders


def loaded(write: Callable[..., Path], **files: str) -> None:
    """The files loaded into the default workspace and what has to be fitted made, as the page would with progress."""
    paths = [str(write(f"{at}.csv", text + "\n")) for at, text in files.items()]
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": paths, "answers": {}})
    for fit, asked in STUDY.fits(Params()):
        fitted(open_current(Access(workspace=DEFAULT_WORKSPACE)), fit, **asked)


def mails(n: int) -> str:
    lines = [f"{name(at)},{START},Spring,0.5,{'yes' if at % 6 == 0 else 'no'}" for at in range(0, n, 2)]
    return "\n".join(["customer id,sent at,campaign id,contact cost,responded", *lines])


@pytest.fixture
def tested(home: Path, write: Callable[..., Path]) -> Path:
    rng = np.random.default_rng(2)
    rows = [(at, START, 10.0 + at % 2 * -4.0 + float(rng.normal())) for at in range(300) if rng.random() < 0.7]
    loaded(write, orders=orders(*rows), contacts=mails(300), experiments=experiment(halves(300, "offer", "control")))
    return home


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_tab_shows_its_part(language: str, tested: Path, open_page: Open) -> None:
    say = Words(language)
    for tab, wanted in (("caused", "pages.campaigns.tests"), ("who", "pages.campaigns.rankings"), ("response", "campaigns.warnings.sales")):
        app = open_page("campaigns", language, tab=tab)
        assert [error.value for error in app.error] == []
        assert say(wanted) in texts(app)
        assert 1 <= len(app.metric) <= 7 and all(metric.help for metric in app.metric)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_grade_stands_above_what_a_lot_says(language: str, tested: Path, open_page: Open) -> None:
    assert Words(language)("pages.campaigns.grade_A") in texts(open_page("campaigns", language))


def test_the_list_follows_the_slider_and_is_not_called_one_of_effects(tested: Path, open_page: Open) -> None:
    app, say = open_page("campaigns", tab="who"), Words("en")
    assert say("pages.campaigns.customers_response") in texts(app)
    assert say("pages.campaigns.picked", n=90) in texts(app)  # 30 % of 300
    app.slider[0].set_value(10).run()
    assert say("pages.campaigns.picked", n=30) in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_campaign_without_a_lot_has_no_tab_of_effects(language: str, home: Path, write: Callable[..., Path], open_page: Open) -> None:
    loaded(write, contacts=mails(600))
    app, say = open_page("campaigns", language), Words(language)
    assert [error.value for error in app.error] == []
    assert say("campaigns.warnings.response_only") in texts(app)
    labels = [tab.label for tab in app.tabs]
    assert say("pages.campaigns.responds") in labels and say("pages.campaigns.who") not in labels
    assert say("campaigns.warnings.not_effect", n=1) in texts(open_page("campaigns", language, tab="response"))
    assert say("studies.campaigns.estimates.incremental.label") not in {metric.label for metric in app.metric}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_experiment_without_a_control_arm_is_refused_in_words(
    language: str, home: Path, write: Callable[..., Path], open_page: Open
) -> None:
    loaded(write, orders=orders((1, START, 5.0)), experiments=experiment(["offer"] * 60))
    app = open_page("campaigns", language)
    assert len(app.error) == 0 and not app.metric
    assert "Spring" in texts(app)
    assert Words(language)("pages.campaigns.tests") in texts(app)


def test_without_campaigns_the_page_says_what_would_unlock_it(home: Path, write: Callable[..., Path], open_page: Open) -> None:
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(write("orders.csv", orders((1, START, 5.0)) + "\n"))], "answers": {}})
    app, say = open_page("campaigns"), Words("en")
    assert say("shell.locked") in texts(app) and not app.metric
