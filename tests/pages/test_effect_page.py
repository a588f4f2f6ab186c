"""The effect on screen: the gap struck out beside the answer and its grade, the refusal with the way out, the sentence of the overview."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.i18n import LANGUAGES, Words
from tests.pages.conftest import Open, texts


@pytest.fixture
def demo(demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo programme with its models, read only."""
    monkeypatch.setenv("LOYALTY_HOME", str(demo_home))
    return demo_home


def struck(app: AppTest) -> list[str]:
    """What is crossed out on the page."""
    return [part for one in app.markdown for part in one.value.split("~~")[1::2]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_gap_is_struck_out_beside_the_answer_and_its_grade(language: str, demo: Path, open_page: Open) -> None:
    app, say = open_page("effect", language), Words(language)
    assert len(app.error) == 0
    (gap,) = struck(app)
    assert gap.startswith("+") or "+" in gap
    assert say("pages.effect.grade", grade="B") in texts(app)
    assert {metric.label for metric in app.metric} == {
        say(f"studies.effect.estimates.{name}.label") for name in ("effect", "joining_month")
    }
    assert say("pages.effect.tried") in texts(app)


@pytest.mark.parametrize("tab", ["checks", "groups", "workshop"])
def test_each_tab_opens(tab: str, demo: Path, open_page: Open) -> None:
    app = open_page("effect", "en", tab=tab)
    assert len(app.error) == 0
    assert len(app.exception) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_shows_the_gap_only_struck_out_and_leads_to_a_holdout(language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("effect", language), Words(language)
    assert len(app.error) == 0
    assert not app.metric
    assert len(struck(app)) == 1
    assert say("pages.effect.grade", grade="D") in texts(app)
    assert say("pages.effect.grade_D") in texts(app)
    assert say("effect.lacking.staggered.too_few", joined=879, least=30) in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_says_in_one_sentence_what_is_sold_and_what_is_caused(language: str, demo: Path, open_page: Open) -> None:
    app = open_page("overview", language)
    (gap,) = struck(app)
    sentence = next(one.value for one in app.markdown if "~~" in one.value)
    assert ("grade B" if language == "en" else "B 级") in sentence
    assert sentence.index(gap) < len(sentence) / 2


def test_the_overview_of_data_that_cannot_say_says_so(sample: Path, open_page: Open) -> None:
    app = open_page("overview", "en")
    assert any("your data cannot say; grade D" in one.value for one in app.markdown)
    assert len(struck(app)) == 1
