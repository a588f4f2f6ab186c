"""Deleting on the page Data: twice typed, said what went, and nothing of it shown any more, in whichever browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics import erasure, store
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words, catalogue
from analytics.marts.build import open_current
from analytics.settings import DEFAULT_WORKSPACE
from tests.pages.conftest import Open, texts


def best_customer() -> tuple[str, float]:
    """Who brought most, and how much."""
    found = open_current(Access(workspace=DEFAULT_WORKSPACE)).row(
        "select customer_id, amount from customer_features order by 2 desc limit 1"
    )
    return str(found[0]), float(found[1])  # type: ignore[arg-type]


def customers() -> int:
    return int(store.current(DEFAULT_WORKSPACE).summary["customers"]["rows"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_customer_typed_twice_is_deleted_and_the_versions_say_so(language: str, sample: Path, open_page: Open) -> None:
    say, held, (name, amount) = Words(language), customers(), best_customer()
    before = store.current(DEFAULT_WORKSPACE).summary["transactions"]["amount"]
    app = open_page("data", language, tab="deletion")
    app.text_input(key="erase_id").set_value(name)
    app.text_input(key="erase_id_again").set_value(f"{name}0")
    app.button(key="erase_customer").click().run()
    assert say("data.deletion.ids_differ") in texts(app) and customers() == held
    app.text_input(key="erase_id").set_value(name)
    app.text_input(key="erase_id_again").set_value(name)
    app.button(key="erase_customer").click().run()
    assert catalogue(language)["data.deletion.customer_done"].split("{")[0] in texts(app)
    assert customers() == held - 1
    assert store.current(DEFAULT_WORKSPACE).summary["transactions"]["amount"] == pytest.approx(before - amount)
    assert store.current(DEFAULT_WORKSPACE).erased == 1


def test_an_unknown_customer_is_explained(sample: Path, open_page: Open) -> None:
    app = open_page("data", tab="deletion")
    for key in ("erase_id", "erase_id_again"):
        app.text_input(key=key).set_value("nobody")
    app.button(key="erase_customer").click().run()
    assert Words("en")("errors.no_such_customer.next") in texts(app)


def test_a_server_that_answered_before_shows_the_new_answer_after_a_deletion_at_the_terminal(sample: Path, open_page: Open) -> None:
    app = open_page()
    shown = [metric.value for metric in app.metric] or texts(app)
    name, _ = best_customer()
    erasure.delete_customer(DEFAULT_WORKSPACE, name)
    app.run()
    assert not app.exception
    assert ([metric.value for metric in app.metric] or texts(app)) != shown


def test_the_workspace_goes_when_its_name_is_typed_and_the_app_opens_as_on_a_first_visit(sample: Path, open_page: Open) -> None:
    held = {path.name for path in sample.rglob("*.parquet") if path.name.startswith("part-")}
    app = open_page("data", tab="deletion")
    app.text_input(key="erase_name").set_value("defualt")
    app.button(key="erase_workspace").click().run()
    assert Words("en")("data.deletion.name_differs") in texts(app) and store.workspaces() == [DEFAULT_WORKSPACE]
    app.text_input(key="erase_name").set_value(DEFAULT_WORKSPACE)
    app.button(key="erase_workspace").click().run()
    assert "The workspace default is deleted" in texts(app)
    assert held and not {path.name for path in sample.rglob("*.parquet")} & held
