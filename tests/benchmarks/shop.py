"""Files to measure with: order lines of an invented shop, as wide as a till's export, about 73 bytes a line."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

_ORDERS = 5_000_000  # sorted at once
_LINES = """
with orders as (select i, hash(i + {start}) as h from range({begin}, {end}) t(i))
select
    'T' || lpad((i + {start})::varchar, 9, '0') as transaction_id, line + 1 as line_no,
    'C' || lpad((pow((h % 1000003) / 1000003.0, 1.5) * {customers})::bigint::varchar, 7, '0') as customer_id,
    strftime(timestamp '{first}' + to_seconds((i * ({days} * 86400.0 / ({rows} // 2)))::bigint), '%Y-%m-%d %H:%M:%S') as order_date,
    printf('%.2f', 1 + (hash(i, line) % 9900) / 100.0) as amount, 1 + hash(line, i) % 4 as quantity,
    printf('%.2f', case when hash(i, line, 3) % 5 = 0 then (hash(i, line) % 300) / 100.0 else 0 end) as discount,
    'P' || lpad((hash(i, line, 7) % 20000)::varchar, 5, '0') as product_id,
    ['Dairy', 'Bakery', 'Produce', 'Meat', 'Household', 'Drinks'][1 + (hash(i, line, 7) % 6)::int] as category,
    ['store', 'web', 'app'][1 + (h % 3)::int] as channel
from orders, range(2) lines(line)
order by i, line
"""


def lines(target: Path, rows: int, *, first: str, days: int, start: int, customers: int) -> Path:
    """A CSV with `rows` order lines, two an order, in order of time; an existing file is kept."""
    if not target.exists():
        fresh, part = target.with_suffix(".fresh"), target.with_suffix(".part")
        with fresh.open("wb") as sink:
            for begin in range(0, rows // 2, _ORDERS):
                end = min(begin + _ORDERS, rows // 2)
                sql = _LINES.format(rows=rows, begin=begin, end=end, first=first, days=days, start=start, customers=customers)
                duckdb.connect().execute(f"copy ({sql}) to '{part}' (header {str(begin == 0).lower()})")
                with part.open("rb") as source:
                    shutil.copyfileobj(source, sink)
        part.unlink()
        fresh.rename(target)
    return target


def customer_base(target: Path, customers: int, *, first: str, days: int, seed: int = 4711) -> Path:
    """A CSV of orders whose buyers come over two thirds of the days, buy at rates of their own and leave unseen (Pareto/NBD), in six
    categories of which each has a favourite."""
    if not target.exists():
        chance = np.random.default_rng(seed)
        came = chance.uniform(0, days * 2 / 3, customers)
        rate, leaves = chance.gamma(0.8, 1 / 60, customers), chance.exponential(1 / chance.gamma(0.6, 1 / 90, customers))
        stays = np.minimum(leaves, days - came)
        orders = 1 + chance.poisson(rate * stays)
        who = np.repeat(np.arange(customers), orders)
        later = np.arange(len(who)) != np.repeat(np.cumsum(orders) - orders, orders)
        at = came[who] + later * chance.uniform(0, 1, len(who)) * stays[who]
        category = np.where(chance.uniform(size=len(who)) < 0.6, (who * 2654435761 >> 8) % 6, chance.integers(0, 6, len(who)))
        amount = chance.gamma(6, 1, len(who)) * chance.gamma(4, 1, customers)[who]
        drawn = pa.table({"who": who, "moment": at, "category": category, "amount": amount})  # noqa: F841 - DuckDB finds it by its name
        duckdb.connect().execute(f"""
            copy (select 'T' || row_number() over () as order_id, 'C' || who as customer_id,
                strftime(timestamp '{first}' + to_seconds((moment * 86400)::bigint), '%Y-%m-%d %H:%M:%S') as order_date,
                printf('%.2f', amount + 1) as amount, 'Group ' || category as category
            from drawn order by moment) to '{target}' (header)""")
    return target


def workbook(target: Path, rows: int, source: Path) -> Path:
    """The first rows of such a CSV as a workbook."""
    if not target.exists():
        import xlsxwriter

        book = xlsxwriter.Workbook(target, {"constant_memory": True})
        sheet = book.add_worksheet("Sales")
        found = duckdb.connect().execute(f"select * from read_csv('{source}') limit {rows}")
        sheet.write_row(0, 0, [str(column[0]) for column in found.description])
        number = 0
        while batch := found.fetchmany(20_000):
            for row in batch:
                number += 1
                sheet.write_row(number, 0, [value if isinstance(value, int | float) else str(value) for value in row])
        book.close()
    return target
