"""The page Data: from dropped files to loaded rows, and what it says about them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest
from streamlit.testing.v1 import AppTest

from analytics import jobs, store
from analytics.i18n import LANGUAGES, Words
from analytics.settings import DEFAULT_WORKSPACE
from tests.pages.conftest import Open, texts

ORDERS = "Order ID,Customer ID,Date,Amount\n" + "".join(f"O{n},C{n % 40:03},2025-03-{n % 28 + 1:02},{n + 0.5}\n" for n in range(200))
AMBIGUOUS = "Order ID,Customer ID,Date,Amount\n" + "".join(f"O{n},C{n % 9},0{n % 9 + 1}/02/2025,{n}.50\n" for n in range(30))


def drop(app: AppTest, name: str, content: str) -> AppTest:
    """Drop one file and wait until it is understood."""
    app.file_uploader[0].set_value([(name, content.encode(), "text/csv")]).run()
    return settle(app)


def settle(app: AppTest) -> AppTest:
    """Rerun as the page's fragment does, until the job in hand is done."""
    end = monotonic() + 60
    while (flow := app.session_state["flow"]).job is not None:
        assert monotonic() < end, "the import did not end"
        while not flow.job.progress().done and monotonic() < end:
            sleep(0.05)
        app.run()
    return app.run()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clean_export_is_loaded_by_one_click(language: str, sample: Path, open_page: Open) -> None:
    say = Words(language)
    app = drop(open_page("data", language), "orders.csv", ORDERS)
    assert say("data.import.load_hint", files=say("data.import.one_file")) in texts(app)
    app.button(key="load").click().run()
    settle(app)
    assert say("data.done.identity", read=200, loaded=200, excluded=0, rejected=0) in texts(app)
    assert store.current(DEFAULT_WORKSPACE).summary["transactions"]["amount"] == 20000.0  # 0.5 + 1.5 + ... + 199.5
    assert not store.current(DEFAULT_WORKSPACE).demo
    app.button(key="first_figures").click().run()
    assert app.title[0].value == say("studies.overview.question")


def test_an_ambiguous_date_is_asked_before_anything_can_be_loaded(sample: Path, open_page: Open) -> None:
    app = drop(open_page("data"), "orders.csv", AMBIGUOUS)
    assert app.button(key="load").disabled
    app.radio[0].set_value("mdy").run()
    assert not app.button(key="load").disabled
    app.button(key="load").click().run()
    settle(app)
    assert store.current(DEFAULT_WORKSPACE).summary["transactions"]["last"].startswith("2025-09-02")


def test_the_same_file_twice_changes_nothing_and_says_so(sample: Path, open_page: Open) -> None:
    for _ in range(2):
        app = drop(open_page("data"), "orders.csv", ORDERS)
        app.button(key="load").click().run()
        settle(app)
    assert Words("en")("data.done.unchanged") in texts(app)
    assert store.current(DEFAULT_WORKSPACE).summary["transactions"]["rows"] == 200


def test_a_file_that_is_nothing_is_explained_with_what_to_do(sample: Path, open_page: Open) -> None:
    app = drop(open_page("data"), "empty.csv", "\n")
    assert len(app.error) == 1
    assert Words("en")("shell.next_step") in app.error[0].value


def test_a_header_with_markup_is_shown_as_it_is(sample: Path, open_page: Open) -> None:
    content = ORDERS.replace("Amount", "Amount ![x](http://tracker.example/a.png)")
    app = drop(open_page("data"), "![x](http://tracker.example/b.png).csv", content)
    assert "![x](http" not in texts(app)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", ["import", "quality", "studies", "versions", "settings", "templates"])
def test_every_tab_opens(tab: str, language: str, sample: Path, open_page: Open) -> None:
    app = open_page("data", language)
    app.query_params["tab"] = tab
    app.run()
    assert len(app.error) == 0


def test_going_back_puts_an_earlier_version_in_force(sample: Path, write: Callable[..., Path], open_page: Open) -> None:
    jobs.start_load(DEFAULT_WORKSPACE, [write("orders.csv", ORDERS)], {}).result()
    assert store.current(DEFAULT_WORKSPACE).number == 2
    app = open_page("data", tab="versions")
    app.button(key="go_back").click().run()
    assert store.current(DEFAULT_WORKSPACE).number == 1


def test_a_corrected_format_is_read_again(sample: Path, open_page: Open) -> None:
    """A wrong separator leaves one column; the right one brings all four back."""
    app = drop(open_page("data"), "orders.csv", ORDERS.replace(",", ";"))
    separator = next(box for box in app.selectbox if box.label == Words("en")("data.import.delimiter"))
    assert separator.value == ";"
    separator.set_value("|")
    next(button for button in app.button if button.label == Words("en")("data.import.apply")).click().run()
    settle(app)
    assert app.session_state["flow"].plans[0].delimiter == "|"
    assert len(app.session_state["flow"].plans[0].header) == 1
