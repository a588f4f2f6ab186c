"""The working paper of deferred revenue and liability from points: a workbook whose figures follow from its inputs by live formulas."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell as at

from analytics.studies.points_books import DIGITS, Paper, estimates

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from analytics.i18n import Words

INPUTS = {"value": 8, "cost": 9, "rate": 10, "booked": 11}  # rows of the sheet of inputs
DEFINED = ("define_share", "define_recognised", "define_change", "define_liability", "define_fifo", "define_source")
SHEETS = ("inputs", "vintages", "roll", "identity", "recognised", "redeemed", "held", "curve")
WIDTH = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Of which data the paper is made."""

    workspace: str
    version: int
    as_of: date | None


@dataclass(frozen=True, kw_only=True)
class Book:
    """The workbook in the making: its sheets by name, its formats, and what it is made of."""

    paper: Paper
    words: Words
    file: xlsxwriter.Workbook
    sheets: dict[str, Worksheet] = field(default_factory=dict)
    formats: dict[str, Format] = field(default_factory=dict)

    @property
    def months(self) -> int:
        return len(self.paper.months)

    def say(self, key: str) -> str:
        return self.words(f"points.paper.{key}")

    def cell(self, sheet: str, row: int, column: int) -> str:
        """A fixed reference to a cell of another sheet."""
        return f"'{self.sheets[sheet].get_name()}'!{at(row, column, row_abs=True, col_abs=True)}"

    def span(self, sheet: str, first: int, last: int, column: int) -> str:
        """Rows of a column of another sheet."""
        return f"{self.cell(sheet, first, column)}:{at(last, column, row_abs=True, col_abs=True)}"

    def still(self, age: str, *, now: bool) -> str:
        """The share still to be redeemed at an age."""
        ages = len(self.paper.curve.held)
        return f"INDEX({self.span('curve', 1, ages, 4 if now else 3)},MIN({age},{ages - 1})+1)"


def working_paper(paper: Paper, identity: pd.DataFrame, words: Words, about: About) -> bytes:
    """The workbook. Formulas carry the value that the page shows, for readers that do not calculate.

    identity   the table `identity` of the study `points`
    """
    target = BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as file:
        book = Book(paper=paper, words=words, file=file)
        book.formats.update({name: file.add_format(look) for name, look in _looks().items()})
        for name in SHEETS:
            book.sheets[name] = file.add_worksheet(book.say(f"sheet_{name}"))
            book.sheets[name].set_column(0, 40, WIDTH)
        _inputs(book, about)
        _curve(book)
        _matrix(book, "redeemed", paper.books.redeemed)
        _matrix(book, "held", paper.books.held)
        _recognised(book)
        _vintages(book)
        _roll(book)
        _identity(book, identity)
    return target.getvalue()


def _looks() -> dict[str, dict[str, object]]:
    given = {"bg_color": "#FFF8DC", "border": 1, "border_color": "#D0D0D0"}
    return {
        "title": {"bold": True, "font_size": 14},
        "head": {"bold": True, "text_wrap": True, "bottom": 1},
        "wrap": {"text_wrap": True, "valign": "top"},
        "day": {"num_format": "yyyy-mm-dd", "align": "left"},
        "month": {"num_format": "yyyy-mm", "align": "left"},
        "money": {"num_format": "#,##0.00"},
        "points": {"num_format": "#,##0"},
        "share": {"num_format": "0.0000%"},
        "given_money": {"num_format": "#,##0.00", **given},
        "given_price": {"num_format": "0.0000##", **given},
        "given_points": {"num_format": "#,##0", **given},
        "given_share": {"num_format": "0.0000%", **given},
        "total": {"num_format": "#,##0.00", "bold": True, "top": 1},
    }


def _inputs(book: Book, about: About) -> None:
    sheet, terms = book.sheets["inputs"], book.paper.terms
    sheet.set_column(0, 0, 46)
    sheet.write_string(0, 0, book.say("title"), book.formats["title"])
    sheet.write_string(1, 0, book.say("estimate"))
    for row, (name, value) in enumerate(
        {"workspace": about.workspace, "currency": book.words.currency or book.words("points.not_known")}.items(), start=3
    ):
        sheet.write_string(row, 0, book.say(name))
        sheet.write_string(row, 1, value)
    sheet.write_string(5, 0, book.say("version"))
    sheet.write_number(5, 1, about.version)
    sheet.write_string(6, 0, book.say("as_of"))
    if about.as_of is not None:
        sheet.write_datetime(6, 1, about.as_of, book.formats["day"])
    for name, row in INPUTS.items():
        _given(book, name, row, getattr(terms, name), assumed=name in terms.assumed)
    sheet.write_string(13, 0, book.say("definitions"), book.formats["head"])
    for row, name in enumerate(DEFINED, start=14):
        sheet.merge_range(row, 0, row, 6, book.say(name), book.formats["wrap"])
        sheet.set_row(row, 34)


def _given(book: Book, name: str, row: int, value: float | None, *, assumed: bool) -> None:
    sheet = book.sheets["inputs"]
    sheet.write_string(row, 0, book.say(name))
    if value is None:
        sheet.write_string(row, 1, book.words("points.not_known"))
        return
    sheet.write_number(row, 1, value, book.formats["given_share" if name in ("rate", "booked") else "given_price"])
    sheet.write_string(row, 2, book.say("assumed" if assumed else "estimated"))


def _heads(book: Book, sheet: str, names: tuple[str, ...]) -> None:
    for column, name in enumerate(names):
        book.sheets[sheet].write_string(0, column, book.say(name), book.formats["head"])
    book.sheets[sheet].freeze_panes(1, 1)


def _curve(book: Book) -> None:
    """What has become of points by age, and from it what will still be redeemed, under both rates."""
    sheet, curve = book.sheets["curve"], book.paper.curve
    _heads(book, "curve", ("age", "curve_redeemed", "curve_held", "still_booked", "still_now"))
    known = estimates(curve, book.paper.terms).still
    for age, (redeemed, held) in enumerate(zip(curve.redeemed, curve.held, strict=True)):
        row = age + 1
        sheet.write_number(row, 0, age)
        sheet.write_number(row, 1, redeemed, book.formats["given_share"])
        sheet.write_number(row, 2, held, book.formats["given_share"])
        for column, name in ((3, "booked"), (4, "rate")):
            ahead = f"({book.cell('inputs', INPUTS[name], 1)}-{at(row, 1)})/{at(row, 2)}"
            formula = f"=ROUND(MAX(0,MIN(1,IF({at(row, 2)}>0,{ahead},0))),{DIGITS})"
            sheet.write_formula(row, column, formula, book.formats["share"], known[column - 3, age])


def _frame(book: Book, name: str) -> None:
    """Vintages down, months across."""
    sheet = book.sheets[name]
    sheet.write_string(0, 0, book.say("vintage"), book.formats["head"])
    for place, month in enumerate(book.paper.months, start=1):
        sheet.write_datetime(0, place, month, book.formats["month"])
        sheet.write_datetime(place, 0, month, book.formats["month"])
    sheet.freeze_panes(1, 1)


def _matrix(book: Book, name: str, values: np.ndarray) -> None:
    """Points as the ledger tells them, from the month of the vintage on."""
    _frame(book, name)
    for vintage in range(book.months):
        for month in range(vintage, book.months):
            book.sheets[name].write_number(vintage + 1, month + 1, values[vintage, month], book.formats["given_points"])


def _recognised(book: Book) -> None:
    """Recognised to date; behind the last month, the same month as it was booked."""
    _frame(book, "recognised")
    last, sheet = book.months - 1, book.sheets["recognised"]
    sheet.write_string(0, last + 2, book.say("as_booked"), book.formats["head"])
    for vintage in range(book.months):
        for month in range(vintage, book.months):
            known = book.paper.schedule.recognised[vintage, month]
            sheet.write_formula(vintage + 1, month + 1, _to_date(book, vintage, month, now=month == last), book.formats["money"], known)
        before = book.paper.schedule.booked[vintage]
        sheet.write_formula(vintage + 1, last + 2, _to_date(book, vintage, last, now=False), book.formats["money"], before)


def _to_date(book: Book, vintage: int, month: int, *, now: bool) -> str:
    allocated, redeemed = book.cell("vintages", vintage + 1, 6), book.cell("redeemed", vintage + 1, month + 1)
    expected = f"({redeemed}+{book.cell('held', vintage + 1, month + 1)}*{book.still(str(month - vintage), now=now)})"
    return f"=ROUND({allocated}*IF({expected}>0,MIN(1,{redeemed}/{expected}),1),2)"


def _vintages(book: Book) -> None:
    """Allocation and balance of each vintage, and what is owed for the points held."""
    owes = book.paper.terms.cost is not None
    heads = ("vintage", "age", "sales", "issued", "ssp", "share", "allocated", "redeemed", "held", "expected", "recognised", "deferred")
    _heads(book, "vintages", (*heads, *(("owed", "liability") if owes else ())))
    for vintage in range(book.months):
        _vintage(book, vintage)
        if owes:
            _owed(book, vintage)
    row, sums = book.months + 1, {2: "sales", 6: "allocated", 10: "recognised", 11: "deferred", **({13: "liability"} if owes else {})}
    sheet = book.sheets["vintages"]
    sheet.write_string(row, 0, book.say("total"), book.formats["total"])
    for column in sums:
        sheet.write_formula(row, column, f"=SUM({at(1, column)}:{at(row - 1, column)})", book.formats["total"], _total(book, sums[column]))


def _vintage(book: Book, vintage: int) -> None:
    sheet, books, made, row = book.sheets["vintages"], book.paper.books, book.paper.schedule, vintage + 1
    age, last = book.months - 1 - vintage, book.months
    rate = book.cell("inputs", INPUTS["rate" if age == 0 else "booked"], 1)
    goods, points, own, share, redeemed, held = (at(row, column) for column in (2, 3, 4, 5, 7, 8))
    sheet.write_datetime(row, 0, book.paper.months[vintage], book.formats["month"])
    sheet.write_number(row, 1, age)
    sheet.write_number(row, 2, books.sales[vintage], book.formats["given_money"])
    sheet.write_number(row, 3, books.issued[vintage], book.formats["given_points"])
    formulas = (
        (4, f"={points}*{book.cell('inputs', INPUTS['value'], 1)}*{rate}", "money", made.own[vintage]),
        (5, f"=IF({goods}>0,{own}/({goods}+{own}),0)", "share", made.share[vintage]),
        (6, f"=ROUND({goods}*{share},2)", "money", made.allocated[vintage]),
        (7, f"={book.cell('redeemed', row, last)}", "points", books.redeemed[vintage, -1]),
        (8, f"={book.cell('held', row, last)}", "points", books.held[vintage, -1]),
        (9, f"={redeemed}+{held}*{book.still(at(row, 1), now=True)}", "points", made.expected[vintage, -1]),
        (10, f"={book.cell('recognised', row, last)}", "money", made.recognised[vintage, -1]),
        (11, f"=ROUND({at(row, 6)}-{at(row, 10)},2)", "money", made.allocated[vintage] - made.recognised[vintage, -1]),
    )
    for column, formula, look, known in formulas:
        sheet.write_formula(row, column, formula, book.formats[look], known)


def _owed(book: Book, vintage: int) -> None:
    sheet, row = book.sheets["vintages"], vintage + 1
    sheet.write_number(row, 12, book.paper.owed[vintage], book.formats["given_points"])
    each = f"{at(row, 12)}*{book.still(at(row, 1), now=True)}*{book.cell('inputs', INPUTS['cost'], 1)}"
    sheet.write_formula(row, 13, f"=ROUND({each},2)", book.formats["money"], book.paper.liabilities[vintage])


def _total(book: Book, name: str) -> float:
    made = book.paper.schedule
    totals = {
        "sales": book.paper.books.sales.sum(),
        "allocated": made.allocated.sum(),
        "recognised": made.recognised[:, -1].sum(),
        "deferred": made.closing[-1],
        "liability": book.paper.liabilities.sum(),
    }
    return float(totals[name])


def _roll(book: Book) -> None:
    """Opening + deferred - recognised = closing, month by month; at the end, whether it agrees with the vintages."""
    sheet, made, months = book.sheets["roll"], book.paper.schedule, book.months
    _heads(book, "roll", ("month", "opening", "added", "earned", "caught_up", "closing"))
    for month in range(months):
        row = month + 1
        sheet.write_datetime(row, 0, book.paper.months[month], book.formats["month"])
        formulas = (
            (1, "=0" if month == 0 else f"={at(row - 1, 5)}", made.opening),
            (2, f"={book.cell('vintages', row, 6)}", made.deferred),
            (3, f"=ROUND({_change(book, month)},2)", made.earned),
            (4, _catch_up(book) if month == months - 1 else "=0", made.caught_up),
            (5, f"=ROUND({at(row, 1)}+{at(row, 2)}-{at(row, 3)},2)", made.closing),
        )
        for column, formula, known in formulas:
            sheet.write_formula(row, column, formula, book.formats["money"], known[month])
    sheet.write_string(months + 2, 0, book.say("check"), book.formats["head"])
    sheet.write_string(months + 3, 0, book.say("agrees"))
    agrees = f"=ROUND({at(months, 5)}-{book.cell('vintages', months + 1, 11)},2)=0"
    sheet.write_formula(months + 3, 5, agrees, None, True)


def _change(book: Book, month: int) -> str:
    """What the month adds to what is recognised to date."""
    now = f"SUM({book.span('recognised', 1, book.months, month + 1)})"
    return now if month == 0 else f"{now}-SUM({book.span('recognised', 1, book.months, month)})"


def _catch_up(book: Book) -> str:
    """The last month as it is, less as it was booked, of the vintages that were there before it."""
    last = book.months - 1
    if last == 0:
        return "=0"
    return f"=ROUND(SUM({book.span('recognised', 1, last, last + 1)})-SUM({book.span('recognised', 1, last, last + 2)}),2)"


def _identity(book: Book, identity: pd.DataFrame) -> None:
    """The same total in three ways, and whether they agree to the point."""
    sheet, rows = book.sheets["identity"], {item: row for row, item in enumerate(identity["item"], start=1)}
    sheet.set_column(0, 0, 46)
    formulas = {
        "outstanding": f"={at(rows['earned'], 1)}-{at(rows['redeemed'], 1)}-{at(rows['expired'], 1)}+{at(rows['adjusted'], 1)}",
        "balances": f"={at(rows['positive'], 1)}+{at(rows['negative'], 1)}",
    }
    for item, points in zip(identity["item"], identity["points"], strict=True):
        sheet.write_string(rows[item], 0, book.words(f"points.items.{item}"))
        if item in formulas:
            sheet.write_formula(rows[item], 1, formulas[item], book.formats["points"], points)
        else:
            sheet.write_number(rows[item], 1, points, book.formats["given_points"])
    end = len(rows) + 2
    same = [f"ROUND({at(rows['outstanding'], 1)}-{at(rows[name], 1)},4)=0" for name in ("balances", "lots")]
    sheet.write_string(end, 0, book.say("check"), book.formats["head"])
    sheet.write_string(end + 1, 0, book.say("adds_up"), book.formats["wrap"])
    sheet.write_formula(end + 1, 1, f"=AND({','.join(same)})", None, True)
