"""The customer page: found by id or by how it begins, kept in the URL, inert whatever a file or a URL holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics import jobs
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from tests.pages.conftest import Open, texts

HOSTILE = "<b>x</b> **bold** [link](http://tracker.example)"


@pytest.fixture
def regular(sample: Path) -> str:
    """Who has ordered most often in the sample, among those with points and a tier."""
    house = open_current(Access(workspace=DEFAULT_WORKSPACE))
    sql = "select customer_id from customer_features where points_earned > 0 and tier > '' order by orders desc, customer_id limit 1"
    return str(house.frame(sql)["customer_id"][0])


def looked_up(app: AppTest, text: str) -> AppTest:
    app.text_input(key="look_up_id").set_value(text)
    button = next(one for one in app.button if one.label in {Words(language)("pages.customer.go") for language in LANGUAGES})
    return button.click().run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_customer_of_the_url_is_shown_with_standing_predictions_and_reasons(language: str, regular: str, open_page: Open) -> None:
    app, say = open_page("customer", language, customer=regular), Words(language)
    assert [error.value for error in app.error] == []
    assert regular in texts(app)
    labels = {metric.label for metric in app.metric}
    assert {say(f"studies.customer.estimates.{name}.label") for name in ("orders", "net_sales", "points_balance", "churn_risk")} <= labels
    assert len(app.metric) <= 7
    assert all(say(f"customer.columns.{kind}") in texts(app) for kind in ("segment", "stage", "tier"))
    told = "\n".join(str(one.value.to_string()) for one in app.table)
    assert say("customer.predictions.alive") in told
    assert say("customer.needed.category") in told
    assert say("pages.customer.unfitted") not in texts(app)
    assert app.query_params["customer"] in (regular, [regular])


def test_without_a_customer_three_are_offered_in_words(sample: Path, open_page: Open) -> None:
    app = open_page("customer")
    assert Words("en")("pages.customer.worth_a_look") in texts(app)
    assert all(word in texts(app) for word in ("Most valuable at risk", "Newest", "Largest"))


def test_the_whole_id_opens_the_customer(regular: str, open_page: Open) -> None:
    app = looked_up(open_page("customer"), f" {regular} ")
    assert app.query_params["customer"] in (regular, [regular])
    assert len(app.error) == 0


def test_the_beginning_of_an_id_lists_those_it_may_be(regular: str, open_page: Open) -> None:
    app = looked_up(open_page("customer"), regular[:4].lower())
    assert Words("en")("pages.customer.found") in texts(app)
    assert len(app.error) == 0
    assert "customer" not in app.query_params


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("unknown", ["nobody", "' or 1=1 --", HOSTILE])
def test_an_unknown_id_is_explained_and_another_can_be_looked_up(unknown: str, language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("customer", language, customer=unknown), Words(language)
    assert len(app.error) == 1
    assert say("errors.unknown_customer.next") in app.error[0].value
    assert unknown not in texts(app)
    assert app.text_input(key="look_up_id").label == say("pages.customer.search")
    assert len(looked_up(app, unknown).error) == 2  # in the URL, and looked up


def test_names_from_a_file_stay_text(home: Path, open_page: Open, write: Callable[..., Path]) -> None:
    orders = "customer id,order id,order date,amount,category\n" + "".join(
        f'"{HOSTILE}",{n},2025-03-{n:02d},9.50,"{HOSTILE}"\n' for n in range(1, 20)
    )
    people = f'customer id,tier,city\n"{HOSTILE}","{HOSTILE}","{HOSTILE}"\n'
    jobs.start_load(DEFAULT_WORKSPACE, [write("orders.csv", orders), write("people.csv", people)], {}).result()
    app = open_page("customer", customer=HOSTILE)
    assert len(app.error) == 0
    assert app.metric
    assert "**bold**" not in texts(app)
    assert "](http" not in texts(app)
    assert r"\*\*bold\*\*" in texts(app)


def test_a_model_that_is_not_fitted_is_a_link_and_not_a_wait(regular: str, sample: Path, open_page: Open) -> None:
    kept = [facts.parent for facts in (sample / DEFAULT_WORKSPACE / "cache").rglob("facts.json")]
    for place in kept:
        (place / "facts.json").unlink()
        place.rename(place.with_name(f"away-{place.name}"))
    app = open_page("customer", customer=regular)
    assert len(app.error) == 0
    assert Words("en")("pages.customer.unfitted") in texts(app)
    assert not list((sample / DEFAULT_WORKSPACE / "cache").rglob("facts.json"))
