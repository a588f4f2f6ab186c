"""The pages Tier movement and Tier quality: a tab for each part, and their lists of members."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs
from analytics.i18n import Words
from analytics.settings import DEFAULT_WORKSPACE
from tests.pages.conftest import Open, texts
from tests.studies.tiers import RULES, orders, spells


@pytest.fixture
def members(home: Path, write: Callable[..., Path]) -> Path:
    files = {"orders": orders(), "tiers": spells(), "rules": RULES}
    paths = [str(write(f"{name}.csv", text.strip() + "\n")) for name, text in files.items()]
    jobs._load({"workspace": DEFAULT_WORKSPACE, "paths": paths, "answers": {}})
    return home


CARDS = {("migration", "moves"): 5, ("migration", "thresholds"): 2, ("tier_quality", "right"): 2, ("tier_quality", "data"): 2}


@pytest.mark.parametrize(
    ("page", "tab", "language", "said"),
    [
        ("migration", "moves", "zh-CN", "migration.figures.flows.title.even"),
        ("migration", "thresholds", "en", "pages.migration.customers"),
        ("tier_quality", "right", "zh-CN", "tier_quality.warnings.right.no_review"),
        ("tier_quality", "data", "en", "pages.tier_quality.customers"),
    ],
)
def test_each_tab_shows_its_part(page: str, tab: str, language: str, said: str, members: Path, open_page: Open) -> None:
    app, say = open_page(page, language, tab=tab), Words(language)
    assert [error.value for error in app.error] == []
    assert len(app.metric) == CARDS[page, tab]
    assert all(metric.help for metric in app.metric)
    facts = {"rose": 3, "fell": 2} if "title" in said else {}
    assert say(said, **facts) in texts(app).replace("\\", "")
