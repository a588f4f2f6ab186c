"""Readable by everyone: no serious finding of axe-core in either theme and either language, nothing cut off on a telephone."""

from __future__ import annotations

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, TimeoutError

from tests.browser.conftest import Server, settled

PAGES = ("", "segments", "cohorts", "lifecycle", "forecast", "value", "churn", "effect", "campaigns", "holdout",
         "economics", "points", "dependency", "scenarios", "migration", "tier_quality", "fairness", "price_fairness",
         "allocation", "small_customers", "key_customers", "customer", "data")
LOOKS = (("light", "en"), ("dark", "zh-CN"))
BOTH = ("", "segments", "effect", "fairness", "data")  # every kind of widget, figure and table; the other pages take turns
WIDTHS = "[document.documentElement, document.querySelector('[data-testid=stMain]')].map(one => one.scrollWidth)"
TABS = ("quality", "studies", "versions", "settings", "templates")


def looks(name: str, at: int) -> tuple[tuple[str, str], ...]:
    """Themes and languages in which a page is looked at."""
    return LOOKS if name in BOTH else (LOOKS[at % 2],)


def findings(page: Page) -> list[str]:
    """Serious and critical violations of WCAG A and AA: rule, and where."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}).response["violations"]
    grave = [one for one in found if one["impact"] in ("serious", "critical")]
    return [f"{one['id']}: {node['target']} {node['html'][:160]}" for one in grave for node in one["nodes"]]


@pytest.mark.parametrize(("name", "theme", "language"), [(name, *look) for at, name in enumerate(PAGES) for look in looks(name, at)])
def test_axe_finds_nothing_serious_and_a_telephone_needs_no_scrolling_sideways(
    name: str, theme: str, language: str, server: Server, page: Page
) -> None:
    page.goto(server.at(name, theme=theme, language=language))
    assert findings(settled(page)) == []
    page.set_viewport_size({"width": 390, "height": 844})
    with suppress(TimeoutError):  # figures follow the window a moment later; what does not is measured below
        page.wait_for_function(f"Math.max(...{WIDTHS}) <= 390", timeout=5000)
    assert max(page.evaluate(WIDTHS)) <= 390


@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing_serious_on_the_tabs_of_the_data_page(tab: str, server: Server, page: Page) -> None:
    page.goto(server.at("data", tab=tab))
    assert findings(settled(page)) == []


def test_the_shipped_fonts_are_the_ones_in_use(server: Server, page: Page) -> None:
    page.goto(server.at(language="zh-CN"))
    settled(page)
    loaded = page.evaluate("[...document.fonts].filter(one => one.status === 'loaded').map(one => one.family).join()")
    assert "InterVar" in loaded
    assert "NotoSC" in loaded
