"""The usual rules and loads of each table, for files whose exporter has none of its own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from analytics import duck
from analytics.contract import BY_NAME, Kind, Table, plain
from analytics.intake import mapping
from analytics.intake.planned import Plan
from analytics.intake.sources.base import NO_CUSTOMER, Load, Rule, Source

_STATUS = "regexp_replace(lower(status), '^wc-', '')"  # WooCommerce's own names, as its plug-ins export them
_CANCELLED = (
    "cancelled",
    "canceled",
    "cancel",
    "void",
    "voided",
    "failed",
    "declined",
    "draft",
    "trash",
    "auto-draft",
    "expired",
    "pending payment",
    "pending",
    "on hold",
    "on-hold",
    "unpaid",
    "已取消",
    "取消",
    "交易关闭",
    "已关闭",
    "关闭",
    "已作废",
    "作废",
    "等待买家付款",
    "未付款",
    "待付款",
)
_REFUNDED = ("refunded", "returned", "退货", "已退货", "fully refunded", "已退款", "退款成功", "全额退款")


def tells_of_reversals(values: Iterable[str]) -> bool:
    """Whether a column says of some rows that they were cancelled or refunded."""
    return not {value.strip().lower() for value in values}.isdisjoint((*_CANCELLED, *_REFUNDED))


def usual_rules(table: Table | None) -> tuple[Rule, ...]:
    if table is None:
        return ()
    listed = [", ".join(duck.text(word) for word in words) for words in (_CANCELLED, _REFUNDED)]
    status = (
        Rule(key="cancelled", sql=f"cancelled_at is not null or {_STATUS} in ({listed[0]})"),
        Rule(key="refunded", sql=f"refunded is null and {_STATUS} in ({listed[1]})"),
    )
    return (*(status if table.name == "transactions" else ()), *((NO_CUSTOMER,) if "customer_id" in table else ()))


def usable(rule: Rule, plan: Plan) -> bool:
    """Usual rules about a status are kept only where the file has one."""
    present = {item.name for item in plan.inputs if item.source}
    needs = {"cancelled": {"status", "cancelled_at"}, "refunded": {"status"}}.get(rule.key)
    return needs is None or bool(needs & present)


def loads(plan: Plan, source: Source | None) -> tuple[Load, ...]:
    if plan.table is None:
        return ()
    loads = source.loads if source and source.loads is not None else _usual_loads(plan, source.fixed if source else {})
    return tuple(replace(load, columns=_converted(load, plan.factor)) for load in loads)


def _converted(load: Load, factor: str) -> Mapping[str, str]:
    if not factor:
        return load.columns
    table = BY_NAME[load.table]
    return {name: f"({sql}) * {factor}" if table[name].kind is Kind.MONEY else sql for name, sql in load.columns.items()}


def _usual_loads(plan: Plan, fixed: Mapping[str, str]) -> tuple[Load, ...]:
    table = plan.table
    assert table is not None  # noqa: S101 - narrowed by the caller
    present = {item.name for item in plan.inputs if item.source}
    columns = {column.name: column.name for column in table.stored if column.name in present}
    special = {"transactions": _sale, "points": _movement, "customers": _person}.get(table.name)
    columns |= special(present) if special else {}
    columns |= {**_from_header(plan), **fixed}
    if plan.kept:
        columns["attributes"] = "attributes"
    loads = _point_columns(columns, present) if table.name == "points" and present & {"earned", "redeemed", "expired"} else []
    loads = loads or [Load(table=table.name, columns=columns)]
    beside = {item.column.name: item.name for item in plan.inputs if item.name.startswith("customers_") and item.source}
    if beside and table.name != "customers":
        people = _person(set(beside) & {c.name for c in BY_NAME["customers"].columns}, prefix="customers_")
        stored = {column.name for column in BY_NAME["customers"].stored}
        loads.append(
            Load(
                table="customers",
                columns={
                    "customer_id": "customer_id",
                    **{name: sql for name, sql in beside.items() if name in stored},
                    **people,
                },
            )
        )
    return tuple(loads)


def _sale(present: set[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    if "year" in present:
        day = "make_timestamp(year, coalesce(month, 1), 1, 0, 0, 0)"
        columns["occurred_at"] = f"coalesce(occurred_at, {day})" if "occurred_at" in present else day
    amount = "amount" if "amount" in present else ""
    if not amount and {"unit_price", "quantity"} <= present:
        amount = "cast(quantity * unit_price as decimal(18,4))"
    if amount:
        less = [f"coalesce({name}, 0)" for name in ("tax",) if name in present]
        less += ["abs(coalesce(refunded, 0))"] if "refunded" in present else []
        columns["amount"] = " - ".join([amount, *less])
        if len(less) == 2:
            # a refund in full gives the tax back too, so that taking off both would end below zero
            columns["amount"] = f"case when {amount} >= 0 then greatest({columns['amount']}, 0) else {columns['amount']} end"
    # a sale that was refunded in full is still a sale: the sign before refunds decides
    sign = f"case when {amount} < 0 then 'refund' else 'sale' end" if amount else "'sale'"
    columns["kind"] = f"coalesce(kind, {sign})" if "kind" in present else sign
    if "kind" in present and amount:
        columns["amount"] = f"case when kind = 'refund' then -abs({columns['amount']}) else {columns['amount']} end"
    if "discount" in present:
        columns["discount"] = "abs(discount)"
    if "cost" in present and "margin" not in present and amount:
        columns["margin"] = f"{columns['amount']} - cost"
    return columns


def _movement(present: set[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    if "year" in present:
        columns["occurred_at"] = "make_timestamp(year, coalesce(month, 1), 1, 0, 0, 0)"
    sign = "case when points < 0 then 'redeem' else 'earn' end"
    kind = f"coalesce(kind, {sign})" if "kind" in present else sign
    columns["kind"] = kind
    # A ledger that writes what leaves as negative is turned round there; a reversal keeps its sign against its kind.
    out = f"{kind} in ('redeem', 'expire')"
    turned = f"(select count(*) filter (points < 0) > count(*) filter (points > 0) from {{self}} where {out})"
    columns["points"] = f"case when {out} and {turned} then -points else points end"
    return columns


def _point_columns(columns: Mapping[str, str], present: set[str]) -> list[Load]:
    """A file with a column for earned and one for redeemed points gives a movement of each kind."""
    loads = []
    for name, kind in (("earned", "earn"), ("redeemed", "redeem"), ("expired", "expire")):
        if name in present:
            cost = {} if kind == "redeem" or "cost" not in columns else {"cost": "null"}
            loads.append(
                Load(
                    table="points",
                    columns={**columns, "kind": f"'{kind}'", "points": f"abs({name})", **cost},
                    where=f"{name} <> 0",
                )
            )
    return loads


def _person(present: set[str], prefix: str = "") -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, year, month in (("enrolled_on", "enrolled_year", "enrolled_month"), ("cancelled_on", "cancelled_year", "cancelled_month")):
        if year in present:
            day = f"make_date({prefix}{year}, coalesce({prefix}{month}, 1), 1)" if month in present else f"make_date({prefix}{year}, 1, 1)"
            columns[name] = f"coalesce({prefix}{name}, {day})" if name in present else day
    if "opted_out" in present:
        columns["consent"] = f"coalesce({prefix}consent, not {prefix}opted_out)" if "consent" in present else f"not {prefix}opted_out"
    if "member" not in present and (columns.get("enrolled_on") or "enrolled_on" in present):
        columns["member"] = f"{columns.get('enrolled_on', prefix + 'enrolled_on')} is not null"
    return columns


def _from_header(plan: Plan) -> dict[str, str]:
    """A customer list whose key is a member number lists members; in one with member levels, members are those who have one."""
    named = {item.name: plain(item.source) for item in plan.inputs if item.source}
    if plan.table is None or plan.table.name != "customers" or "member" in named:
        return {}
    if re.search(r"member|loyalty|会员", named.get("customer_id", "")):
        return {"member": "true"}
    if mapping.lists_members([named.get("tier", "")]):
        return {"member": "case when tier is not null then true end"}
    return {}
