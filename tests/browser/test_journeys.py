"""What a user does, from the first visit to the first figures of their own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from analytics.i18n import LANGUAGES, Words
from tests.browser.conftest import Server, settled


def test_from_a_real_export_to_the_first_figures_in_under_three_minutes(
    start: Callable[..., Server], page: Page, shared_data: Path
) -> None:
    """Online Retail, 541,909 lines: dropped, loaded by one click, no mapping touched."""
    server, say = start(empty=True), Words("en")
    page.goto(server.at())
    settled(page)
    upload = page.locator(".st-key-upload_own button")
    upload.click()
    with suppress(AssertionError):  # on a busy machine a click can be lost while the first page has a model fitted
        expect(page.locator("input[type=file]")).to_be_attached(timeout=30_000)
    if upload.is_visible():
        upload.click()
    begin = time.monotonic()
    page.locator("input[type=file]").set_input_files(shared_data / "online_retail.parquet")
    page.locator(".st-key-load button").click()
    expect(page.get_by_text("541,909 rows read = 406,829 loaded + 135,080 left out by rule + 0 rejected")).to_be_visible(timeout=170_000)
    page.locator(".st-key-first_figures button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(say("studies.overview.question"))
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    seconds = time.monotonic() - begin
    print(f"from drop to first figures: {seconds:.1f} s")
    assert seconds < 180
    expect(page.get_by_text("£8,300,065.81").first).to_be_visible()
    expect(page.locator(".st-key-sample")).to_have_count(0)


def test_a_fresh_server_that_is_asked_for_an_inner_page_first_shows_it_in_its_frame(start: Callable[..., Server], page: Page) -> None:
    """Streamlit would take the folder `pages` for its old kind of multipage app."""
    page.goto(start().at("data"))
    settled(page)
    expect(page.locator(".st-key-menu").get_by_text("Overview")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_have_text(Words("en")("pages.data.question"))


def test_an_import_can_be_cancelled_and_leaves_the_data_as_it_was(start: Callable[..., Server], page: Page, tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    with orders.open("w", encoding="utf-8") as file:
        file.write("Order ID,Customer ID,Date,Amount\n")
        file.writelines(f"O{n},C{n % 9999},2025-01-{n % 28 + 1:02},{n % 97}.50\n" for n in range(1_500_000))
    page.goto(start().at("data"))
    settled(page)
    page.locator("input[type=file]").set_input_files(orders)
    page.locator(".st-key-load button").click()
    page.locator(".st-key-cancel button").click()
    expect(page.get_by_text(Words("en")("data.import.cancelled"))).to_be_visible()
    page.goto(page.url.replace("/data", "/"))
    expect(page.locator(".st-key-sample")).to_be_visible()


def test_the_language_is_switched_in_place_and_kept_in_the_url(server: Server, page: Page) -> None:
    page.goto(server.at())
    settled(page)
    page.get_by_text("中文", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(Words("zh-CN")("studies.overview.question"))
    assert "lang=zh-CN" in page.url
    page.locator(".st-key-menu").get_by_text(Words("zh-CN")("pages.data.title"), exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(Words("zh-CN")("pages.data.question"))
    expect(page).to_have_url(re.compile("lang=zh-CN"))


def test_a_browser_that_prefers_chinese_is_answered_in_chinese(server: Server, browser: Browser) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(server.url)
    expect(page.get_by_role("heading", level=1)).to_have_text(Words("zh-CN")("studies.overview.question"), timeout=60_000)
    context.close()


def test_a_filter_is_kept_in_the_url_and_opens_again(server: Server, page: Page) -> None:
    page.goto(server.at())
    settled(page)
    before = page.get_by_test_id("stMetricValue").first.inner_text()
    page.locator(".st-key-filters").get_by_role("button", name="Channel").click()
    page.get_by_role("combobox", name="Channel").click()
    page.get_by_role("option", name="Store", exact=True).click()
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stMetricValue").first).not_to_have_text(before)
    narrowed = page.get_by_test_id("stMetricValue").first.inner_text()
    assert "channel=Store" in page.url
    page.goto(page.url)
    settled(page)
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(narrowed)


def test_light_and_dark_are_offered_in_the_menu(server: Server, page: Page) -> None:
    page.goto(server.url + "?lang=en")
    settled(page)
    light = page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.wait_for_function(f"getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor !== '{light}'")


def test_a_figure_turns_into_its_table_and_shows_its_query(server: Server, page: Page) -> None:
    page.goto(server.at("segments"))
    settled(page)
    panel = page.locator("[class*=st-key-figure_segments_]").first
    panel.get_by_text(Words("en")("shell.as_table")).click()
    expect(panel.get_by_test_id("stDataFrame")).to_be_visible()
    panel.get_by_text(Words("en")("shell.how_computed")).click()
    expect(page.get_by_test_id("stCode").first).to_contain_text("from customer_features")


def test_a_segments_customers_are_downloaded_as_a_file(server: Server, page: Page) -> None:
    page.goto(server.at("segments"))
    settled(page)
    with page.expect_download() as download:
        page.locator("[class*='st-key-csv_tierwise-segment-'] button").click()
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert content.startswith("Customer,")
    assert len(content.splitlines()) > 10


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_has_a_text_for_those_who_cannot_see_it(language: str, server: Server, page: Page) -> None:
    page.goto(server.at("segments", language=language))
    settled(page)
    charts = page.get_by_test_id("stPlotlyChart")
    assert charts.count() >= 3
    told = charts.evaluate_all(
        "all => all.map(one => one.getAttribute('aria-label') || one.querySelector('[aria-label]')?.getAttribute('aria-label') || '')")
    assert all(len(text) > 15 for text in told), told


def test_a_row_of_a_list_leads_to_its_customer_who_survives_a_reload(server: Server, page: Page) -> None:
    """From the largest customers of a segment to one of them; the language and the customer stay in the URL."""
    page.goto(server.at("segments", language="zh-CN"))
    settled(page)
    rows = page.locator(".st-key-figure_segment_customers canvas").first
    rows.scroll_into_view_if_needed()
    box = rows.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 15, box["y"] + 55)  # the mark before the first row: a table is drawn on a canvas
    expect(page.get_by_role("heading", level=1)).to_have_text(Words("zh-CN")("studies.customer.question"))
    page.wait_for_url(re.compile("customer=C\\d+"))
    customer = re.search(r"customer=(C\d+)", page.url)
    assert customer is not None
    for _ in range(2):
        settled(page)
        expect(page.locator(".st-key-verdict")).to_contain_text(customer[1])
        assert "lang=zh-CN" in page.url
        page.reload()
