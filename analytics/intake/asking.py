"""How a file writes numbers, dates and money, found on its values; what they leave open is asked, never guessed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import duckdb

from analytics import duck
from analytics.contract import Kind, Table, plain
from analytics.errors import UserError
from analytics.intake import checks, mapping
from analytics.intake.checks import Locale
from analytics.intake.planned import Input, Plan, Sampled
from analytics.intake.read import Raw
from analytics.intake.report import Answers, Question
from analytics.intake.sources.base import Source
from analytics.settings import Settings

_MONEY = re.compile(
    r"^(?!.*(point|积分|quantity)).*(金额|总额|实付|价款|货款|amount|revenue|turnover|spend|(^|order|grand|line|item)total$)"
)


def writing(
    connection: duckdb.DuckDBPyConnection, sampled: Sampled, inputs: Sequence[Input], answers: Answers, settings: Settings
) -> tuple[Locale, list[Question]]:
    asked: list[Question] = []
    numbers = [i.source for i in inputs if i.source and i.column.kind in (Kind.MONEY, Kind.NUMBER)]
    dates = [i.source for i in inputs if i.source and i.column.kind in (Kind.DATE, Kind.TIME, Kind.YEAR)]
    decimal, doubt = _decimal(connection, sampled, numbers)
    if doubt and not answers.decimal:
        asked.append(Question(key="decimal", flag="--decimal", options=(".", ","), facts={"column": doubt[0], "example": doubt[1]}))
    order, doubt = _date_order(connection, sampled, dates)
    if doubt and not answers.date_order:
        asked.append(
            Question(
                key="date_order",
                flag="--date-order",
                options=("dmy", "mdy"),
                facts={"column": doubt[0], "example": doubt[1]},
            )
        )
    return Locale(decimal=answers.decimal or decimal, date_order=answers.date_order or order, time_zone=settings.time_zone), asked


def _decimal(connection: duckdb.DuckDBPyConnection, sampled: Sampled, columns: Sequence[str]) -> tuple[str, tuple[str, str] | None]:
    votes: Counter[str] = Counter()
    for name in columns:
        votes += checks.decimal_evidence(sampled.values[name])
    if votes["?"] and not votes["."] and not votes[","]:
        for name in columns:
            votes += checks.decimal_evidence(_distinct(connection, sampled.raw, name, "[.,]"))
    if votes["."] or votes[","]:
        return ("," if votes[","] > votes["."] else "."), None
    if not votes["?"]:
        return ".", None
    name, example = next((name, value) for name in columns for value in sampled.values[name] if checks.decimal_evidence([value])["?"])
    return ".", (name, example)


def _date_order(connection: duckdb.DuckDBPyConnection, sampled: Sampled, columns: Sequence[str]) -> tuple[str, tuple[str, str] | None]:
    votes: Counter[str] = Counter()
    for name in columns:
        votes += checks.order_evidence(sampled.values[name])
    if votes["?"] and not (votes["dmy"] or votes["mdy"]):
        for name in columns:
            votes += checks.order_evidence(_distinct(connection, sampled.raw, name, r"^\d{1,2}[/.-]\d{1,2}[/.-]"))
    both = votes["dmy"] and votes["mdy"]
    if (votes["dmy"] or votes["mdy"]) and not both:
        return ("dmy" if votes["dmy"] else "mdy"), None
    if not votes["?"] and not both:
        return "ymd", None
    name, example = next((name, value) for name in columns for value in sampled.values[name] if checks.order_evidence([value]))
    return "dmy", (name, example)


def _distinct(connection: duckdb.DuckDBPyConnection, raw: Raw, column: str, pattern: str) -> list[str]:
    """Distinct values of a whole column that match a pattern, where the sample left doubt."""
    name = checks.filled(column, clean=raw.clean)
    sql = f"select distinct {name} as value from {raw.name} where regexp_matches(value, {duck.text(pattern)}) limit 200000"
    return [str(value) for (value,) in connection.execute(sql).fetchall()]


# --- what has to be asked


def missing_columns(
    sampled: Sampled, table: Table | None, inputs: Sequence[Input], source: Source | None, answers: Answers
) -> list[Question]:
    """A file that fills no table whole: which columns are missing is asked, with the file's own names as answers.

    So is the amount of sales that could be loaded without one, when a column that was not understood looks like money.
    """
    if source:
        return []
    if table is None:
        return [Question(key="columns", flag="--map", options=sampled.raw.header, facts={"columns": "customer_id, occurred_at, amount"})]
    present = {item.name for item in inputs if item.source}
    if mapping.complete(table, present):
        lacks_money = table.name == "transactions" and not present & {"amount", "unit_price"}
        money = _unused_money(sampled, inputs, answers) if lacks_money else ()
        return [Question(key="columns", flag="--map", options=money, facts={"columns": "amount"})] if money else []
    need = [name for name in table.key if name not in present and name != "kind"]
    if "year" in present and "occurred_at" in need:
        need.remove("occurred_at")
    if not need:
        need = {"customers": ["tier"], "transactions": ["amount"]}.get(table.name, list(table.key)[-1:])
    return [Question(key="columns", flag="--map", options=sampled.raw.header, facts={"columns": ", ".join(need)})]


def _unused_money(sampled: Sampled, inputs: Sequence[Input], answers: Answers) -> tuple[str, ...]:
    """Columns of numbers, called money, that neither the importer nor the user has a use for."""
    settled = {item.source for item in inputs} | set(answers.mapping)
    names = [name for name in sampled.raw.header if name not in settled and _MONEY.search(plain(name))]
    return tuple(name for name in names if sampled.values[name] and all(map(checks.is_number, sampled.values[name][:200])))


def holdout_words(connection: duckdb.DuckDBPyConnection, sampled: Sampled, inputs: Sequence[Input], answers: Answers) -> list[Question]:
    """Words of the hold-out column that are known to mean neither withheld nor treated."""
    item = next((i for i in inputs if i.column.name == "holdout" and i.source), None)
    if item is None or item.source is None:
        return []
    words = {value.lower() for value in _distinct(connection, sampled.raw, item.source, r"\S")}
    told = {word.lower() for word in answers.holdout}
    unknown = sorted(words - {*checks.WITHHELD, *checks.TREATED, *checks.MISSING} - told)
    return [Question(key="holdout", flag="--holdout", options=tuple(unknown), facts={"column": item.source})] if unknown else []


def currency(connection: duckdb.DuckDBPyConnection, plan: Plan, source: Source | None, settings: Settings) -> tuple[Plan, list[Question]]:
    """The file's currency and, when it is not the workspace's, the factor that converts its money."""
    codes = {input.name: input.source for input in plan.inputs if input.source}
    found: list[str] = []
    if "currency" in codes:
        found = sorted({value.upper() for value in _distinct(connection, plan.raw, codes["currency"], r"\S")})
    if "rate" in codes and found:
        home = _home_currency(connection, plan, codes["currency"], codes["rate"]) or settings.currency
        if home == (settings.currency or home):
            return replace(plan, currency=home, factor="coalesce(1 / nullif(rate, 0), 1)"), []
    _refuse_mixed_signs(connection, plan)
    given = plan.answers.currency or (found[0] if len(found) == 1 else source.currency if source and not found else "")
    rates = {code.upper(): rate for code, rate in plan.answers.rates.items()}
    target = settings.currency or (given or "")
    if not target and found:
        target = next((code for code in found if code not in rates), found[0])
    foreign = [code for code in (found or [given or ""]) if code and code != target]
    if not foreign:
        return replace(plan, currency=target), []
    unknown = tuple(code for code in foreign if code not in rates)
    if unknown:
        return plan, [Question(key="rates", flag="--rate", options=unknown, facts={"currency": target, "others": ", ".join(unknown)})]
    if "currency" not in codes:
        return replace(plan, currency=target, factor=str(rates[foreign[0]])), []
    arms = " ".join(f"when {duck.text(code)} then {rates[code]}" for code in foreign)
    return replace(plan, currency=target, factor=f"(case upper(currency) {arms} else 1 end)"), []


def _refuse_mixed_signs(connection: duckdb.DuckDBPyConnection, plan: Plan) -> None:
    """Amounts with different currency signs in one column cannot be added. Raises UserError mixed_currencies."""
    for item in plan.inputs if plan.raw.signs else ():
        if item.source and item.column.kind is Kind.MONEY:
            name = duck.quoted(item.source)
            sign = f"replace(regexp_extract({name}, '[$€£¥￥]'), '￥', '¥')"
            rows = connection.execute(f"select distinct {sign} as sign from {plan.raw.name} where sign <> '' order by 1").fetchall()
            if len(rows) > 1:
                raise UserError("mixed_currencies", column=item.source, signs=" ".join(str(row[0]) for row in rows))


def _home_currency(connection: duckdb.DuckDBPyConnection, plan: Plan, currency: str, rate: str) -> str:
    """The currency whose rate is 1: the one the exporter reports in."""
    name, value = duck.quoted(currency), duck.quoted(rate)
    rows = connection.execute(f"select upper(trim({name})) from {plan.raw.name} where try_cast({value} as double) = 1 limit 1").fetchall()
    return str(rows[0][0]) if rows and rows[0][0] else ""
