"""Whether a file repeats an order's total on each of its lines: added up as it stands, it would count the order several times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import duckdb

from analytics import duck
from analytics.contract import plain
from analytics.intake.planned import Input
from analytics.intake.read import Raw
from analytics.intake.report import Answers, Question
from analytics.intake.sources.base import Rule

Whose = Literal["order", "line", "open"]

FURTHER_LINE = Rule(
    key="further_line",
    sql="transaction_id is not null and row_number() over (partition by transaction_id order by _row) > 1",
)
_SAMPLE = 5_000
_ENOUGH = 3  # orders whose lines all carry the same money, when neither the name nor a price tells whose it is
_OF_A_LINE = ("product_id", "quantity", "unit_price", "line_no", "category")
_ORDER_NAMES = {
    *("ordertotal", "orderamount", "ordervalue", "grandtotal", "invoicetotal", "totalamount", "amountpaid", "paidamount", "total"),
    *("订单金额", "订单总额", "订单总金额", "实付金额", "实际支付金额", "实收金额", "应付金额", "支付金额", "付款金额"),
}
_LINE_NAMES = {"linetotal", "itemtotal", "lineitemtotal", "lineamount", "salesvalue", "行金额", "小计", "明细金额", "商品金额"}


def whose_money(connection: duckdb.DuckDBPyConnection, raw: Raw, inputs: Sequence[Input], answers: Answers) -> tuple[Whose, list[Question]]:
    """Whose the amounts are: each "line"'s own, the "order"'s on each of its lines, or "open" with the question that settles it."""
    named = {item.name: item.source for item in inputs if item.source}
    lines = [source for name in _OF_A_LINE if (source := named.get(name))]
    amount, order = named.get("amount"), named.get("transaction_id")
    if not (amount and order and lines):
        return "line", []
    if answers.total:
        return ("order" if answers.total == "order" else "line"), []
    verdict = _judge(connection, raw, named, lines)
    facts = {"column": amount, "order": order}
    asked = [Question(key="total", flag="--total", options=("order", "line"), facts=facts)] if verdict == "open" else []
    return verdict, asked


def _judge(connection: duckdb.DuckDBPyConnection, raw: Raw, named: dict[str, str], lines: Sequence[str]) -> Whose:
    amount, order = named["amount"], named["transaction_id"]
    sample = f"(select * from {raw.name} limit {_SAMPLE})"
    if not all(_alike(connection, relation, order, amount, lines) for relation in (sample, raw.name)):
        return "line"
    if {"quantity", "unit_price"} <= set(named) and (own := _by_price(connection, sample, named)):
        return own
    if plain(amount) in _ORDER_NAMES | _LINE_NAMES:
        return "order" if plain(amount) in _ORDER_NAMES else "line"
    return "open" if _alike(connection, raw.name, order, amount, lines) >= _ENOUGH else "line"


def _alike(connection: duckdb.DuckDBPyConnection, relation: str, order: str, amount: str, lines: Sequence[str]) -> int:
    """Orders of several different lines, if each of them has the same amount on every line; else 0."""
    told = ", ".join(f"coalesce({duck.quoted(name)}, '')" for name in lines)
    number, money = duck.quoted(order), duck.quoted(amount)
    sql = (
        f"select case when bool_and(amounts = 1) then count(*) else 0 end from (select count(distinct coalesce({money}, '')) as amounts "
        f"from {relation} where {number} is not null group by {number} having count(distinct ({told})) > 1)"
    )
    return int(connection.execute(sql).fetchall()[0][0] or 0)


def _by_price(connection: duckdb.DuckDBPyConnection, relation: str, named: dict[str, str]) -> Whose | None:
    """What price times quantity comes to: the amount of the line, or only all lines together that of the order; None for neither."""
    price, quantity, money, number = (duck.quoted(named[name]) for name in ("unit_price", "quantity", "amount", "transaction_id"))
    sql = (
        f"select bool_and(abs(line - money) < 0.01), bool_and(abs(total - money) < 0.01) from (select line, money, sum(line) over "
        f"(partition by number) as total from (select {number} as number, read_dot({money}) as money, "
        f"read_dot({price}) * read_dot({quantity}) as line from {relation}))"
    )
    of_line, of_order = connection.execute(sql).fetchall()[0]
    return "line" if of_line else "order" if of_order else None
