"""The fairness page: a tab for each part, what to ask next, definitions with the pointers to the law and the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.i18n import Words
from tests.pages.conftest import Open, texts

SAID = {"gaps": "pages.fairness.readings", "benefits": "fairness.columns.brought_share", "report": "pages.fairness.law"}


@pytest.mark.parametrize(("language", "tab"), [("en", "gaps"), ("zh-CN", "benefits"), ("en", "report")])
def test_each_tab_shows_its_part(language: str, tab: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("fairness", language, tab=tab), Words(language)
    assert [error.value for error in app.error] == []
    assert len(app.metric) == {"gaps": 5, "benefits": 1, "report": 0}[tab]
    if tab != "benefits":
        assert say(SAID[tab]) in texts(app).replace("\\", "")
