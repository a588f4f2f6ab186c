"""Every page, in both languages, with data, without data and with data that a study cannot use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs, store
from analytics.i18n import LANGUAGES, Words
from analytics.settings import DEFAULT_WORKSPACE
from analytics.studies import CATALOGUE
from pages.shell.cards import MOST
from pages.shell.navigation import INSIDE, PAGES
from tests.pages.conftest import Open, texts

BUG = "AttributeError", "KeyError", "TypeError", "ValueError"
# the sample shop sends no campaigns, and too few join it: the pages' own tests open them
LOCKED = frozenset({"campaigns", "effect", "migration", "tier_quality"})


def test_every_study_has_its_page_or_stands_inside_another() -> None:
    missing = [name for name in CATALOGUE if name not in INSIDE and not (PAGES / f"{name}.py").exists()]
    assert missing == []


# what has to be asked of the few customers of the sample for there to be an answer
ASKED = {"holdout": {"effect": "6"}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("study", [name for name in CATALOGUE if name not in INSIDE | LOCKED])
def test_a_page_opens_with_its_question_a_finding_and_few_figures(study: str, language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page(study, language, **ASKED.get(study, {})), Words(language)
    assert [one.value for one in app.title] == [say(f"studies.{study}.question")]
    assert len(app.error) == 0
    assert 1 <= len(app.metric) <= MOST
    assert all(metric.help for metric in app.metric)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_says_of_when_and_how_much_its_data_is(language: str, sample: Path, open_page: Open) -> None:
    say, version = Words(language), store.current(DEFAULT_WORKSPACE)
    loaded = sum(file["rows_loaded"] for file in version.files)
    last = open_page("overview", language).main.caption[-1].value
    assert say("shell.footer.loaded", n=loaded) in last
    assert say("shell.footer.private") in last


@pytest.mark.parametrize("language", LANGUAGES)
def test_sample_data_is_called_so_with_the_upload_one_click_away(language: str, sample: Path, open_page: Open) -> None:
    app = open_page("overview", language)
    assert Words(language)("shell.sample") in texts(app)
    assert app.button(key="upload_own").label == Words(language)("shell.upload_own")
    app.button(key="upload_own").click().run()
    assert app.title[0].value == Words(language)("pages.data.question")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_first_visit_opens_on_sample_data(language: str, home: Path, open_page: Open) -> None:
    app = open_page("overview", language)
    assert len(app.error) == 0
    assert store.current(DEFAULT_WORKSPACE).demo
    assert app.metric


def test_a_demo_in_the_other_language_is_offered_in_ones_own(sample: Path, open_page: Open) -> None:
    assert "speak" not in {button.key for button in open_page("overview", "en").button}
    app = open_page("overview", "zh-CN")
    app.button(key="speak").click().run(timeout=120)
    assert len(app.error) == 0
    assert store.current(DEFAULT_WORKSPACE).demo == "zh-CN"
    assert "speak" not in {button.key for button in app.button}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_study_without_its_data_says_what_would_unlock_it(language: str, home: Path, open_page: Open, write: Callable[..., Path]) -> None:
    members = write("members.csv", "Customer ID,Tier\n" + "".join(f"C{n},Gold\n" for n in range(40)))
    jobs.start_load(DEFAULT_WORKSPACE, [members], {}).result()
    app, say = open_page("segments", language), Words(language)
    assert say("shell.locked") in texts(app)
    assert say("data.columns.occurred_at") in texts(app).replace("\\", "")
    assert not app.metric


def test_a_filter_from_the_url_narrows_the_answer(sample: Path, open_page: Open) -> None:
    def customers(**query: str) -> str:
        return str(next(metric for metric in open_page("overview", "en", **query).metric if metric.label == "Customers").value)

    assert customers(channel="Store") != customers()


def test_an_unknown_value_in_the_url_is_ignored(sample: Path, open_page: Open) -> None:
    app = open_page("overview", "en", channel="'; drop table customers")
    assert len(app.error) == 0
    assert app.metric


def test_an_unknown_language_in_the_url_falls_back(sample: Path, open_page: Open) -> None:
    assert open_page("overview", "xx").title[0].value == Words("en")("studies.overview.question")


KINDS = {
    "snapshot": "customerID,gender,Contract,Churn\n" + "".join(f"C{n},F,Monthly,{'Yes' if n % 4 == 0 else 'No'}\n" for n in range(40)),
    "members": "Customer ID,Tier\n" + "".join(f"C{n},Gold\n" for n in range(40)),
    "points": "member_id,date,type,points\n" + "".join(f"C{n},2025-03-{1 + n % 28:02d},earn,10\n" for n in range(40)),
    "one sale": "customer_id,order_id,date,amount\nC1,1,2025-03-01,9.50\n",
    "no money": "customer_id,date,quantity\n" + "".join(f"C{n % 9},2025-03-{1 + n % 28:02d},1\n" for n in range(40)),
}


@pytest.mark.parametrize("page", ["overview", "segments", "lifecycle", "data"])
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_data_breaks_a_page(kind: str, page: str, home: Path, open_page: Open, write: Callable[..., Path]) -> None:
    jobs.start_load(DEFAULT_WORKSPACE, [write("data.csv", KINDS[kind])], {}).result()
    app = open_page(page)
    assert [error.value for error in app.error] == []
    assert not any(bug in texts(app) for bug in BUG)
