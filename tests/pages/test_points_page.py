"""The page of points: the check of the ledger, what is not breakage, the working paper, those who never redeemed; data that tells less."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs
from analytics.i18n import LANGUAGES, Words
from analytics.settings import DEFAULT_WORKSPACE
from pages.shell import points as shell
from tests.pages.conftest import Open, texts
from tests.pages.test_pages import KINDS


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ledger_adds_up_on_screen(language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("points", language), Words(language)
    assert [error.value for error in app.error] == []
    assert len(app.success) == 1
    (lines,) = [one.value for one in app.dataframe if say("points.columns.item") in one.value]
    by = lines.set_index(say("points.columns.item"))[say("points.columns.points")]
    earned, redeemed, expired, adjusted, outstanding = by.iloc[:5]
    assert earned - redeemed - expired + adjusted == outstanding == by.iloc[7]
    assert say.number(outstanding) in app.success[0].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_sold_as_breakage_is_crossed_out_beside_it(language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("points", language, tab="redemption"), Words(language)
    said = [one.value for one in app.markdown]
    (crossed,) = [text for text in said if "~~" in text]
    (told,) = [text for text in said if text.startswith("### ") and "~~" not in text]
    assert float(crossed.strip("#~ %")) > float(told.strip("# %")) + 5
    assert say("pages.points.not_breakage_why") in texts(app)


def test_the_working_paper_is_written_when_asked_for(sample: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(shell.st, "download_button", lambda label, data, name, *more, **rest: asked.append((name, data)))
    app = open_page("points", tab="revenue")
    assert [error.value for error in app.error] == []
    (paper,) = [data for name, data in asked if str(name).endswith("working-paper.xlsx")]  # type: ignore[misc]
    assert paper()[:2] == b"PK"
    assert "Management estimate" in texts(app)


def test_members_who_never_redeemed_are_listed_with_what_they_hold(sample: Path, open_page: Open) -> None:
    app = open_page("points", tab="members")
    (listed,) = [one.value for one in app.dataframe if "first points on" in one.value]
    assert listed["balance"].is_monotonic_decreasing
    assert (listed["balance"] > 0).all()


def test_a_ledger_of_earnings_alone_says_what_is_open(home: Path, open_page: Open, write: Callable[..., Path]) -> None:
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": [str(write("data.csv", KINDS["points"]))], "answers": {}})
    for tab in ("balance", "redemption", "revenue", "members"):
        app = open_page("points", tab=tab)
        assert [error.value for error in app.error] == []
    assert Words("en")("points.warnings.no_cost") in texts(open_page("points"))
    assert len(open_page("points", tab="members").dataframe[0].value) == 40
    assert "upload sales" in texts(open_page("points", tab="revenue"))
