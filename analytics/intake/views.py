"""A plan as SQL views: a row's text, its typed values, the rule that leaves it out, the reason it is rejected."""

from __future__ import annotations

import re
from collections.abc import Mapping

import duckdb

from analytics import duck
from analytics.contract import BY_NAME, SQL_TYPES
from analytics.intake import checks
from analytics.intake.planned import Input, Plan

RAW = "_raw_"  # with a number: a column of the file as it stands


def create_views(connection: duckdb.DuckDBPyConnection, plan: Plan, companions: Mapping[str, str]) -> None:
    """typed_N: the file's inputs, typed; checked_N: also _rule (left out under it) and _reason (rejected for it).

    _emptied has a bit for each of `plan.typed_inputs` whose cell says something that became no value, _cleaned counts the
    cells that lost hidden characters. In three layers - text, value, whether it could be read - so that nothing is computed twice.
    """
    texts, values, bad = ["_row", f"{_cleaned(plan)} as _cleaned"], ["_row", "_cleaned"], ["*", f"{_emptied(plan)} as _emptied"]
    for number, name in enumerate(plan.raw.header):
        texts.append(f"{duck.quoted(name)} as {RAW}{number}")
        values.append(f"{RAW}{number}")
    for item in plan.inputs:
        texts.append(f"{_text(item, plan)} as {item.name}")
        values.append(f"{_typed(item, plan)} as {item.name}")
        if item in plan.typed_inputs:
            values.append(f"{item.name} as _text_{item.name}")
            bad.append(f"{checks.unreadable('_text_' + item.name, item.name)} as _bad_{item.name}")
    if plan.kept:
        pairs = ", ".join(f"{duck.text(name)}, {checks.filled(name, clean=plan.raw.clean, tidy=plan.raw.tidy)}" for name in plan.kept)
        texts = [text for text in texts if not text.endswith(" as attributes")]
        texts.append(f"cast(json_object({pairs}) as varchar) as attributes")
    connection.execute(
        f"create view {plan.typed} as select {', '.join(bad)} from (select {', '.join(values)} from "
        f"(select {', '.join(texts)} from {plan.raw.name}))"
    )
    companions = {**companions, "self": plan.typed}
    rules = " ".join(f"when {resolve(rule.sql, companions)} then {duck.text(rule.key)}" for rule in plan.rules)
    taken = " or ".join(f"({resolve(load.where, companions)})" for load in plan.loads if not load.join) or "true"
    rule = f"case {rules} when not coalesce(({taken}), false) then 'not_used' end" if plan.rules or plan.loads else "'not_used'"
    connection.execute(
        f"create view {plan.checked} as select *, case when _rule is null then {_reason(plan, companions)} end as _reason "
        f"from (select *, {rule} as _rule from {plan.typed} t) t"
    )


def resolve(sql: str, companions: Mapping[str, str]) -> str:
    """SQL with {source_id} replaced by the view of that companion file."""
    return re.sub(r"\{([a-z]\w+)\}", lambda match: companions[match.group(1)], sql)


def _clock(item: Input, plan: Plan) -> str | None:
    """The column that holds the time of day where the date's column has none."""
    clock = next((other.source for other in plan.inputs if other.name == "time" and other.source), None)
    days = plan.samples.get(item.source or "", ())
    return clock if item.name == "occurred_at" and not any(":" in value for value in days[:50]) else None


def _text(item: Input, plan: Plan) -> str:
    """An input's text as SQL over the raw columns; null when the cell says nothing."""
    if item.source is None:
        return "cast(null as varchar)"
    text = checks.filled(item.source, clean=plan.raw.clean, tidy=plan.raw.tidy)
    if item.source in plan.raw.floats and item not in plan.typed_inputs:
        return f"nullif({text}, 'nan')"
    clock = _clock(item, plan)
    return f"concat_ws(' ', {text}, {checks.filled(clock, clean=plan.raw.clean, tidy=plan.raw.tidy)})" if clock else text


def _emptied(plan: Plan) -> str:
    bits = [
        f"(case when {item.name} is null and _text_{item.name} is not null then {1 << bit} else 0 end)"
        for bit, item in enumerate(plan.typed_inputs)
    ]
    return " + ".join(["0::bigint", *bits])


def _cleaned(plan: Plan) -> str:
    sources = [] if plan.raw.clean else dict.fromkeys(item.source for item in plan.inputs if item.source)
    return " + ".join(["0::bigint", *(f"coalesce(({checks.hidden(source)})::bigint, 0)" for source in sources)])


def _typed(item: Input, plan: Plan) -> str:
    """An input's value as SQL over its text, which has the input's name."""
    if item.source is None:
        return item.name if item.column.name == "attributes" else f"cast(null as {SQL_TYPES[item.column.kind]})"
    samples = plan.samples.get(item.source, ())
    if clock := _clock(item, plan):
        samples = [f"{day} {hour}" for day, hour in zip(samples, plan.samples.get(clock, ()), strict=False)]
    value = checks.cast(item.column, item.name, samples, plan.locale, plan.answers.holdout)
    return f"pseudonym({value})" if item.pseudonym else value


def _reason(plan: Plan, companions: Mapping[str, str]) -> str:
    """Why a row is rejected: a strict value that cannot be read, or a key of its table that is empty."""
    arms = [f"when _bad_{item.name} then {duck.text(f'unreadable:{item.source}')}" for item in plan.typed_inputs if item.column.strict]
    for load in plan.loads:
        if load.join:
            continue
        for key in BY_NAME[load.table].key:
            sql = load.columns.get(key)
            if sql and not (key == "customer_id" and load.table == "customers" and load is not plan.loads[0]):
                arms.append(f"when ({load.where}) and ({sql}) is null then {duck.text(f'missing:{key}')}")
    return resolve(f"case {' '.join(arms)} end", companions) if arms else "null"
