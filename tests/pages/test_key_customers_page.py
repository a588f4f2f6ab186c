"""The key customers page: each tab with its part and its lists, the report of the group as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.i18n import Words
from tests.pages.conftest import Open, texts

SAID = {
    "outside": ["pages.key_customers.left_out"],
    "departments": ["pages.key_customers.disputed", "pages.key_customers.weights", "key_customers.warnings.departments.convention"],
    "audit": ["key_customers.warnings.audit.by_value", "pages.key_customers.markets"],
}


@pytest.mark.parametrize(("tab", "language"), [("outside", "en"), ("departments", "zh-CN"), ("audit", "en")])
def test_each_tab_shows_its_part(tab: str, language: str, sample: Path, open_page: Open) -> None:
    app, say = open_page("key_customers", language, tab=tab), Words(language)
    assert [error.value for error in app.error] == []
    assert len(app.metric) == 2 and all(metric.help for metric in app.metric)
    assert all(say(key) in texts(app).replace("\\", "") for key in SAID[tab])
