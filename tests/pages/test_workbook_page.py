"""A workbook dropped on the page Data: each sheet as a file of its own, or only the one that is chosen."""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter
from streamlit.testing.v1 import AppTest

from analytics import store
from analytics.i18n import Words
from analytics.settings import DEFAULT_WORKSPACE
from pages.shell.words import literal
from tests.pages.conftest import Open, texts
from tests.pages.test_data_page import settle

SHEETS = {
    "Orders": (("Order ID", "Customer ID", "Date", "Amount"), ("1", "A", "2025-01-14", 10), ("2", "B", "2025-01-15", 20)),
    "More": (("Order ID", "Customer ID", "Date", "Amount"), ("3", "A", "2025-02-14", 4)),
    "By month": (("Month", "Sales"), ("2025-01", 30), ("2025-02", 4)),
}
"""10 + 20 and 4: two sheets of orders and a summary."""


def drop_workbook(app: AppTest) -> AppTest:
    sink = io.BytesIO()
    with xlsxwriter.Workbook(sink) as book:
        for name, rows in SHEETS.items():
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                sheet.write_row(line, 0, row)
    app.file_uploader[0].set_value([("book.xlsx", sink.getvalue(), "application/octet-stream")]).run()
    return settle(app)


def loaded(app: AppTest) -> float:
    app.button(key="load").click().run()
    settle(app)
    return store.current(DEFAULT_WORKSPACE).summary["transactions"]["amount"]


def test_each_sheet_is_shown_under_its_workbook_and_the_summary_is_named(sample: Path, open_page: Open) -> None:
    app = drop_workbook(open_page("data"))
    headings = [heading.value for heading in app.subheader]
    assert [literal(f"book.xlsx › {name}") for name in ("Orders", "More")] == [text for text in headings if "›" in text]
    assert Words("en")("notes.unused_sheets", sheets=literal("By month (2)")) in texts(app)
    assert loaded(app) == 34


def test_one_sheet_can_be_chosen(sample: Path, open_page: Open) -> None:
    app = drop_workbook(open_page("data"))
    choice = next(box for box in app.selectbox if box.label == Words("en")("data.import.sheet"))
    assert (choice.value, choice.options) == (None, list(SHEETS))
    choice.set_value("More")
    next(button for button in app.button if button.label == Words("en")("data.import.apply")).click().run()
    settle(app)
    assert loaded(app) == 4
