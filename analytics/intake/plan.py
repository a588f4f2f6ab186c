"""How one file becomes canonical rows: which column is which, what is asked, which rules and loads apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb

from analytics.contract import BY_NAME, Column, Table, plain
from analytics.intake import asking, checks, mapping, noting, sources, totals, usual
from analytics.intake.planned import Input, Plan, Sampled
from analytics.intake.read import Raw
from analytics.intake.report import Answers, ColumnPlan, Question
from analytics.intake.sources.base import Context, Source
from analytics.settings import Settings

SAMPLE = 5_000


def sample(connection: duckdb.DuckDBPyConnection, raw: Raw) -> Sampled:
    """The first rows of a raw table, and who made it."""
    columns = ", ".join(checks.filled(name, clean=raw.clean) for name in raw.header)
    rows = connection.execute(f"select {columns} from {raw.name} limit {SAMPLE}").fetchall()
    values = {name: [row[index] for row in rows if row[index]] for index, name in enumerate(raw.header)}
    source = sources.recognise(raw.header, [values[name][:200] for name in raw.header], headless=raw.headless)
    return Sampled(raw=raw, values=values, rows=rows[:20], source=source)


def build(
    connection: duckdb.DuckDBPyConnection,
    number: int,
    sampled: Sampled,
    *,
    answers: Answers,
    context: Context,
    settings: Settings,
    remembered: Mapping[str, str],
) -> Plan:
    """The plan of one file. Creates its views typed_N and checked_N unless something has to be asked first."""
    source = sampled.source if answers.table is None or (sampled.source and sampled.source.table == answers.table) else None
    source = source.within(context) if source else None
    table, targets, why, rivals = _known(sampled, source) if source else _guessed(sampled, answers, remembered)
    for origin, chosen in (("remembered", remembered), ("user", answers.mapping)):
        table = _override(sampled, table, targets, why, chosen, origin)
    inputs = _inputs(sampled, table, targets, source)
    locale, asked = asking.writing(connection, sampled, inputs, answers, settings)
    if rivals and not answers.table and not source:
        asked.append(Question(key="table", flag="--as", options=rivals))
    asked += asking.missing_columns(sampled, table, inputs, source)
    asked += asking.holdout_words(connection, sampled, inputs, answers)
    whose, more = totals.whose_money(connection, sampled.raw, inputs, answers) if source is None else ("line", [])
    asked += more
    plan = Plan(
        number=number,
        raw=sampled.raw,
        source=source.id if source else _generic_id(table, inputs),
        table=table,
        inputs=inputs,
        rules=source.rules if source else usual.usual_rules(table),
        loads=(),
        locale=locale,
        columns=_column_plans(sampled, targets, why, inputs, source),
        questions=(),
        notes=noting.notes(sampled, table, targets, inputs),
        samples=sampled.values,
        rows=sampled.rows,
        answers=answers,
        replaces=bool(source and source.replaces),
        kept=_attributes(sampled, table, targets),
    )
    plan, more = asking.currency(connection, plan, source, settings)
    plan = replace(plan, loads=usual.loads(plan, source), questions=(*asked, *more))
    if source is None:
        rules = [rule for rule in plan.rules if usual.usable(rule, plan)]
        rules = [totals.FURTHER_LINE, *rules] if whose == "order" else rules
        plan = replace(plan, rules=tuple(rules))
    return plan


def used(plans: Sequence[Plan]) -> list[Plan]:
    """The plans without the sheets that name no customer, such as notes and pivots, where another sheet of their workbook does.

    The first plan kept of the workbook tells which sheets those are, and how many rows they have.
    """
    kept = [plan for plan in plans if not _aside(plan) or all(_aside(other) for other in plans if other.raw.workbook == plan.raw.workbook)]
    told: list[Plan] = []
    for plan in kept:
        first = plan.raw.workbook not in [other.raw.workbook for other in told]
        unused = [other for other in plans if other not in kept and other.raw.workbook == plan.raw.workbook] if first else []
        sheets = ", ".join(f"{other.raw.sheet} ({other.raw.records})" for other in unused)
        told.append(replace(plan, notes=(*plan.notes, ("unused_sheets", {"sheets": sheets}))) if unused else plan)
    return told


def _aside(plan: Plan) -> bool:
    """Whether a sheet among others cannot be loaded as it is and has no column that names customers."""
    open_columns = any(question.key == "columns" for question in plan.questions)
    return plan.raw.workbook is not None and open_columns and not mapping.names_customers(plan.raw.header)


# --- which column is what


def _known(sampled: Sampled, source: Source) -> tuple[Table | None, dict[str, str], dict[str, tuple[float, str]], tuple[str, ...]]:
    names = _names(sampled.raw.header, source)
    targets: dict[str, str] = {}
    for key, target in source.mapping.items():
        if key in names and target not in targets.values():
            targets[names[key]] = target
    return BY_NAME[source.table], targets, dict.fromkeys(targets, (1.0, "source")), ()


def _names(header: Sequence[str], source: Source) -> dict[str, str]:
    """The name under which the source knows a column -> its name in the file. `X` goes before `X(X)` of a joined report."""
    plains: dict[str, str] = {}
    for name in sorted(header, key=lambda name: "(" in name):
        plains.setdefault(plain(name), name)
    return {usual: plains[name] for name, usual in source.usual(plains).items()}


def _guessed(
    sampled: Sampled, answers: Answers, remembered: Mapping[str, str]
) -> tuple[Table | None, dict[str, str], dict[str, tuple[float, str]], tuple[str, ...]]:
    corrected = [target.split(".")[0] for target in (*answers.mapping.values(), *remembered.values()) if "." in target]
    chosen = answers.table or next(iter(corrected), None)
    found = mapping.guess(sampled.raw.header, sampled.values, table=answers.table or None)
    if found.table is None and chosen:
        found = mapping.guess(sampled.raw.header, sampled.values, table=chosen)
    targets = {match.source: match.target for match in found.matches}
    return found.table, targets, {match.source: (match.confidence, match.why) for match in found.matches}, found.rivals


def _override(
    sampled: Sampled,
    table: Table | None,
    targets: dict[str, str],
    why: dict[str, tuple[float, str]],
    chosen: Mapping[str, str],
    origin: str,
) -> Table | None:
    """Apply the user's corrections: a source column to a target, or to "" to leave it out."""
    for name, target in chosen.items():
        if name not in sampled.raw.header:
            continue
        for other in [key for key, value in targets.items() if target and value == target]:
            del targets[other]
        if target:
            targets[name] = target
            why[name] = (1.0, origin)
            table = table or BY_NAME[target.split(".")[0]]
        elif targets.pop(name, None) is not None:
            why[name] = (1.0, origin)
    return table


def _inputs(sampled: Sampled, table: Table | None, targets: Mapping[str, str], source: Source | None) -> tuple[Input, ...]:
    """All columns of the main table (null when the file lacks them), what else is mapped, the source's extras."""
    if table is None:
        return ()
    by_target = {target: name for name, target in targets.items()}
    wanted = [f"{table.name}.{column.name}" for column in table.columns]
    wanted += [target for target in (*by_target, *(source.mapping.values() if source else ())) if target not in wanted]
    inputs = []
    for target in dict.fromkeys(wanted):
        owner, name = target.split(".")
        own = name if owner == table.name else f"{owner}_{name}"
        origin = by_target.get(target)
        inputs.append(
            Input(
                name=own,
                column=BY_NAME[owner][name],
                source=origin,
                pseudonym=bool(origin) and _is_key(sampled, source, own, origin or ""),
            )
        )
    return (*inputs, *(_extras(sampled, source) if source else ()))


def _extras(sampled: Sampled, source: Source) -> list[Input]:
    headers = _names(sampled.raw.header, source)
    return [
        Input(name=name, column=Column(name=name, kind=kind), source=headers.get(key), pseudonym=name in source.keys)
        for name, (key, kind) in source.extra.items()
    ]


def _is_key(sampled: Sampled, source: Source | None, name: str, origin: str) -> bool:
    """A joining key that tells a person is replaced by pseudonyms, never dropped."""
    if name not in ("customer_id", "referred_by"):
        return False
    if source:
        return name in source.keys
    values = sampled.values.get(origin, ())
    return mapping.personal_kind(origin, values) is not None or mapping.names_people(values)


def _column_plans(
    sampled: Sampled, targets: Mapping[str, str], why: Mapping[str, tuple[float, str]], inputs: Sequence[Input], source: Source | None
) -> tuple[ColumnPlan, ...]:
    keys = {item.source for item in inputs if item.pseudonym}
    plans = []
    for name in sampled.raw.header:
        target = targets.get(name)
        values = sampled.values[name]
        personal = mapping.personal_kind(name, values) if not source or target is None or name in keys else None
        if name in keys and personal is None:
            personal = "name"
        if target and name not in keys and target.endswith(".birth_year"):
            personal = None
        confidence, reason = why.get(name, (0.0, "personal" if personal else "unused"))
        plans.append(
            ColumnPlan(
                source=name,
                target=target,
                confidence=confidence,
                why=reason,
                personal=personal,
                pseudonym=name in keys,
                samples=() if personal else tuple(dict.fromkeys(values[:200]))[:3],
            )
        )
    return tuple(plans)


def _attributes(sampled: Sampled, table: Table | None, targets: Mapping[str, str]) -> tuple[str, ...]:
    """A snapshot's other columns are what explains its outcome: kept, unless they tell a person."""
    if table is None or table.name != "outcomes":
        return ()
    mapped = {name for name, target in targets.items() if target.split(".")[1] in ("customer_id", "churned")}
    return tuple(name for name in sampled.raw.header if name not in mapped and mapping.personal_kind(name, sampled.values[name]) is None)


def _generic_id(table: Table | None, inputs: Sequence[Input]) -> str:
    return "snapshot" if table and table.name == "outcomes" else "plain"
