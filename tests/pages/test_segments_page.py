"""The segments page: four tabs, each with its own question, widgets from the data, nothing that a URL can break."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.i18n import LANGUAGES, Words
from tests.pages.conftest import Open, texts

TABS = {"over_time": "movement", "side_by_side": "compare", "next_need": "next_need"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tab", TABS)
def test_each_tab_answers_its_own_question(tab: str, language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("segments", language, tab=tab), Words(language)
    assert [error.value for error in app.error] == []
    assert say(f"studies.{TABS[tab]}.question") in texts(app)
    assert 4 <= len(app.metric) <= 7
    assert all(metric.help for metric in app.metric)


def test_groups_to_compare_are_picked_from_the_data(sample: Path, open_page: Open) -> None:
    app = open_page("segments", tab="side_by_side", what="segments", by="tier")
    offered = next(box.options for box in app.selectbox if box.label == Words("en")("studies.compare.params.a.label"))
    assert {"Bronze", "Silver", "Gold"} <= set(offered)
    assert offered[0] == Words("en")("studies.compare.params.a.automatic")


def test_a_group_from_the_url_stands_on_its_side(sample: Path, open_page: Open) -> None:
    app = open_page("segments", tab="side_by_side", what="segments", by="tier", a="Silver", b="Bronze")
    assert "#### Silver: " in texts(app)
    assert len(app.error) == 0


@pytest.mark.parametrize("hostile", ["'; drop table customers", "<script>alert(1)</script>", "**bold**"])
def test_a_value_of_the_url_that_is_not_in_the_data_is_ignored(hostile: str, sample: Path, open_page: Open) -> None:
    for query in ({"tab": "side_by_side", "what": "segments", "by": "tier", "a": hostile}, {"tab": "over_time", "reference": hostile}):
        app = open_page("segments", **query)
        assert len(app.error) == 0
        assert app.metric
        assert hostile not in texts(app)


def test_the_reference_month_is_picked_from_the_data(sample: Path, open_page: Open) -> None:
    app = open_page("segments", tab="over_time", reference="2026-01")
    assert len(app.error) == 0
    assert any("Jan 2026" in option for box in app.selectbox for option in box.options)
