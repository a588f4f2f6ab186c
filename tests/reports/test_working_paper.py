"""The working paper, calculated again by another program, says what the page says: to the cent."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xlsxwriter.worksheet
from python_calamine import CalamineWorkbook

from analytics.i18n import LANGUAGES, Words
from analytics.reports.working_paper import About, working_paper
from analytics.studies import points
from analytics.studies.points import Params
from analytics.warehouse import Warehouse
from tests.studies.test_points import steady

__all__ = ["steady"]  # a fixture
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
ABOUT = About(workspace="=1+1", version=3, as_of=date(2025, 6, 30))
Sheets = dict[str, list[list[Any]]]


@pytest.fixture
def calculated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Sheets]:
    """`calculated(book)` is every sheet of it as LibreOffice calculates it."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not on this machine (make test installs it)")
    profile = tmp_path / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")

    def calculate(book: bytes) -> Sheets:
        (tmp_path / "in.xlsx").write_bytes(book)
        command = [
            office,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(tmp_path / "out"),
        ]
        subprocess.run([*command, str(tmp_path / "in.xlsx")], check=True, capture_output=True, timeout=120)
        return sheets((tmp_path / "out" / "in.xlsx").read_bytes())

    return calculate


def sheets(book: bytes) -> Sheets:
    opened = CalamineWorkbook.from_filelike(BytesIO(book))
    return {name: opened.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in opened.sheet_names}


def without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas carry no value: what is read afterwards has been calculated."""
    write = xlsxwriter.worksheet.Worksheet.write_formula
    monkeypatch.setattr(
        xlsxwriter.worksheet.Worksheet,
        "write_formula",
        lambda page, row, column, formula, look=None, value=0: write(page, row, column, formula, look, 0),
    )


def made(house: Warehouse, params: Params, language: str = "en") -> bytes:
    found = points.working_paper(house, params)
    assert found is not None
    return working_paper(*found, Words(language, "EUR"), ABOUT)


def assert_as_on_the_page(book: Sheets, house: Warehouse, params: Params) -> None:
    told, (_, vintages, roll, identity, *_) = points.run(house, params), book.values()
    months = told.tables["schedule"]
    rows = [row[1:6] for row in roll[1 : len(months) + 1]]
    page = months[["opening", "deferred", "recognised", "caught_up", "closing"]].to_numpy()
    assert np.abs(np.array(rows, float) - page).max() < 0.001
    totals = vintages[len(months) + 1]
    assert totals[11] == pytest.approx(told.estimates["deferred_revenue"].value, abs=0.001)
    assert totals[13] == pytest.approx(told.estimates["liability"].value, abs=0.001)
    assert [row[1] for row in identity[1:10]] == told.tables["identity"]["points"].tolist()
    assert [row[5] for row in roll[len(months) + 2 :] if row[5] != ""] == [True]
    assert identity[-1][1] is True


def test_calculated_again_it_is_the_page_to_the_cent(
    steady: Warehouse, calculated: Callable[[bytes], Sheets], monkeypatch: pytest.MonkeyPatch
) -> None:
    params = Params(booked_redemption=0.8, cost_per_point=0.07)
    without_values(monkeypatch)
    written = made(steady, params)
    assert_as_on_the_page(calculated(written), steady, params)
    assert sheets(written)["Roll-forward"][2][5] == 0


@pytest.mark.bars
def test_the_demo_calculated_again_is_the_page_to_the_cent(
    demo_house: Warehouse, calculated: Callable[[bytes], Sheets], monkeypatch: pytest.MonkeyPatch
) -> None:
    without_values(monkeypatch)
    params = Params(booked_redemption=0.9)
    assert_as_on_the_page(calculated(made(demo_house, params)), demo_house, params)


def test_another_rate_typed_in_moves_what_hangs_on_it(
    steady: Warehouse, calculated: Callable[[bytes], Sheets], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same workbook with another rate in its yellow cells is the page under that assumption."""
    write = xlsxwriter.worksheet.Worksheet.write_number
    typed = lambda page, row, column, number, *more: write(page, row, column, 0.75 if number == 0.5 and row in (10, 11) else number, *more)  # noqa: E731
    monkeypatch.setattr(xlsxwriter.worksheet.Worksheet, "write_number", typed)
    assert_as_on_the_page(calculated(made(steady, Params())), steady, Params(expected_redemption=0.75))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_reads_as_an_estimate_of_named_data_even_where_nothing_calculates(language: str, steady: Warehouse) -> None:
    book, say = sheets(made(steady, Params(), language)), Words(language)
    inputs = book[say("points.paper.sheet_inputs")]
    assert inputs[1][0] == say("points.paper.estimate")
    told = {row[0]: row[1] for row in inputs}
    assert told[say("points.paper.workspace")] == "=1+1"  # a text, not a formula
    assert (told[say("points.paper.version")], told[say("points.paper.as_of")]) == (3, date(2025, 6, 30))
    assert (told[say("points.paper.value")], told[say("points.paper.cost")]) == (0.05, 0.03)
    assert [row[2] for row in inputs[8:12]] == [say("points.paper.estimated")] * 4
    assert_as_on_the_page(book, steady, Params())
    assert sheets(made(steady, Params(cost_per_point=0.2), language))[say("points.paper.sheet_inputs")][9][2] == say("points.paper.assumed")
