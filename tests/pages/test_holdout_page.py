"""The page of the next test: its list, the way to keep it, and what is said afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs, store
from analytics.i18n import LANGUAGES, Words
from analytics.settings import DEFAULT_WORKSPACE
from tests.pages.conftest import Open, texts
from tests.studies.test_holdout import EIGHTY

HALF = {"share": "0.5", "months": "1", "effect": "7"}


@pytest.fixture
def eighty(home: Path, write: Callable[..., Path]) -> Path:
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(write("orders.csv", EIGHTY))], "answers": {}})
    return home


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_is_kept_at_the_press_of_a_button_and_those_in_it_are_taken(language: str, eighty: Path, open_page: Open) -> None:
    app, say = open_page("holdout", language, **HALF), Words(language)
    assert [error.value for error in app.error] == []
    assert len(app.dataframe[0].value) == 80
    assert set(app.dataframe[0].value[say("holdout.columns.arm")]) == {say("holdout.arms.treatment"), say("holdout.arms.control")}
    assert "experiments" not in store.current(DEFAULT_WORKSPACE).tables
    app.button(key="holdout_keep").click().run(timeout=60)
    assert store.current(DEFAULT_WORKSPACE).summary["experiments"]["customers"] == 80
    assert ["programme-2025-03-01" in told.value for told in app.success] == [True]
    assert "programme-2025-03-01" in texts(app).replace("\\", "")
    assert not app.metric  # all of them stand in a test now, and that is said
    assert "80" in app.info[0].value


def test_a_test_that_cannot_be_held_is_refused_without_a_list(eighty: Path, open_page: Open) -> None:
    app = open_page("holdout", **{**HALF, "effect": "5"})
    assert len(app.dataframe) == 0
    assert "6.3" in app.info[0].value
    assert "holdout_keep" not in {button.key for button in app.button}
