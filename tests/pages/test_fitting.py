"""A page whose model is not fitted yet: its steps with a way out, and the answer by itself once it is there."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import LANGUAGES, Words
from analytics.studies import CATALOGUE
from tests.pages.conftest import Open, texts


@pytest.fixture
def unfitted(sample: Path) -> Path:
    """The sample programme without any model."""
    shutil.rmtree(sample / "default" / "cache")
    return sample


def heavy() -> str:
    """A page that waits for a fit."""
    return next(study.id for study in CATALOGUE.values() if study.fits(study.params()) and study.id == "value")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_shows_the_steps_of_a_fit_and_lets_it_be_cancelled_and_begun_again(unfitted: Path, open_page: Open, language: str) -> None:
    say = Words(language)
    app = open_page(heavy(), language)
    assert say("fits.fitting") in texts(app)
    assert not app.metric
    app.button(key="cancel_fit").click().run()
    assert say("fits.cancelled") in texts(app)
    assert not list((unfitted / "default" / "cache").rglob("facts.json"))
    app.button(key="fit_again").click().run()
    done = answered(app)
    assert [error.value for error in done.error] == []
    assert done.metric


def answered(app: AppTest) -> AppTest:
    """The page as it is when its fit is done: what the browser's timer does every 0.4 s is done here by hand."""
    until = time.monotonic() + 120
    while not app.metric and not app.error and time.monotonic() < until:
        time.sleep(0.5)
        app.run()
    return app
