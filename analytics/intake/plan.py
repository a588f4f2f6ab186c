"""How one file becomes canonical rows: its typed inputs, the rules that leave rows out, the tables it fills, what is asked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import duckdb

from analytics import duck
from analytics.contract import BY_NAME, SQL_TYPES, Column, Kind, Table, plain
from analytics.intake import checks, mapping, sources
from analytics.intake.checks import Locale
from analytics.intake.read import Raw
from analytics.intake.report import Answers, ColumnPlan, FilePlan, Question
from analytics.intake.sources.base import NO_CUSTOMER, Context, Load, Rule, Source
from analytics.settings import Settings

SAMPLE = 5_000
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
_REFUNDED = ("refunded", "fully refunded", "已退款", "退款成功", "全额退款")


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One typed value of a row: `name` in SQL, read from `source` (None: always null)."""

    name: str
    column: Column
    source: str | None
    pseudonym: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything needed to load one file; `number` names its views (typed_N, checked_N)."""

    number: int
    raw: Raw
    source: str
    table: Table | None
    inputs: tuple[Input, ...]
    rules: tuple[Rule, ...]
    loads: tuple[Load, ...]
    locale: Locale
    columns: tuple[ColumnPlan, ...]
    questions: tuple[Question, ...]
    notes: tuple[tuple[str, Mapping[str, object]], ...]
    samples: Mapping[str, Sequence[str]]
    rows: Sequence[Sequence[str | None]]
    answers: Answers
    currency: str = ""
    factor: str = ""
    kept: tuple[str, ...] = field(default=())

    @property
    def typed(self) -> str:
        return f"typed_{self.number}"

    @property
    def checked(self) -> str:
        return f"checked_{self.number}"

    def public(self) -> FilePlan:
        return FilePlan(
            path=self.raw.path,
            table=self.table.name if self.table else None,
            source=self.source,
            encoding=self.raw.encoding,
            delimiter=self.raw.delimiter,
            decimal=self.locale.decimal,
            date_order=self.locale.date_order,
            sheet=self.raw.sheet,
            sheets=self.raw.sheets,
            header=self.raw.header,
            preview=self.preview(),
            columns=self.columns,
            rules=tuple(rule.key for rule in self.rules),
            questions=self.questions,
            notes=self.notes,
        )

    def preview(self) -> tuple[tuple[str, ...], ...]:
        hidden = {column.source for column in self.columns if column.personal}
        return tuple(
            tuple("•••" if name in hidden and value else value or "" for name, value in zip(self.raw.header, row, strict=True))
            for row in self.rows
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """A raw table with its first values by column, and the source that claims it."""

    raw: Raw
    values: Mapping[str, Sequence[str]]
    rows: Sequence[Sequence[str | None]]
    source: Source | None


def sample(connection: duckdb.DuckDBPyConnection, raw: Raw) -> Sampled:
    """The first rows of a raw table, and who made it."""
    columns = ", ".join(duck.quoted(name) for name in raw.header)
    rows = connection.execute(f"select {columns} from {raw.name} limit {SAMPLE}").fetchall()
    values = {name: [text for row in rows if (text := (row[index] or "").strip())] for index, name in enumerate(raw.header)}
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
    table, targets, why, rivals = _known(sampled, source) if source else _guessed(sampled, answers)
    for origin, chosen in (("remembered", remembered), ("user", answers.mapping)):
        table = _override(sampled, table, targets, why, chosen, origin)
    inputs = _inputs(sampled, table, targets, source)
    locale, asked = _locale(connection, sampled, inputs, answers, settings)
    if rivals and not answers.table and not source:
        asked.append(Question(key="table", flag="--as", options=rivals))
    asked += _missing_columns(sampled, table, inputs, source)
    asked += _holdout(connection, sampled, inputs, answers)
    plan = Plan(
        number=number,
        raw=sampled.raw,
        source=source.id if source else _generic_id(table, inputs),
        table=table,
        inputs=inputs,
        rules=source.rules if source else _usual_rules(table),
        loads=(),
        locale=locale,
        columns=_column_plans(sampled, targets, why, inputs, source),
        questions=(),
        notes=_notes(sampled),
        samples=sampled.values,
        rows=sampled.rows,
        answers=answers,
        kept=_attributes(sampled, table, targets),
    )
    plan, more = _currency(connection, plan, source, settings)
    plan = replace(plan, loads=_loads(plan, source), questions=(*asked, *more))
    if source is None:
        plan = replace(plan, rules=tuple(rule for rule in plan.rules if _usable(rule, plan)))
    return plan


# --- which column is what


def _known(sampled: Sampled, source: Source) -> tuple[Table | None, dict[str, str], dict[str, tuple[float, str]], tuple[str, ...]]:
    targets: dict[str, str] = {}
    for name in sampled.raw.header:
        key = plain(name)
        target = source.mapping.get(key)
        if target and target not in targets.values():
            targets[name] = target
    return BY_NAME[source.table], targets, dict.fromkeys(targets, (1.0, "source")), ()


def _guessed(sampled: Sampled, answers: Answers) -> tuple[Table | None, dict[str, str], dict[str, tuple[float, str]], tuple[str, ...]]:
    chosen = answers.table or next((target.split(".")[0] for target in answers.mapping.values() if "." in target), None)
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
    headers = {plain(name): name for name in reversed(sampled.raw.header)}
    for name, (key, kind) in source.extra.items() if source else ():
        column = Column(name=name, kind=kind)
        inputs.append(Input(name=name, column=column, source=headers.get(key), pseudonym=bool(source and name in source.keys)))
    return tuple(inputs)


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


def _notes(sampled: Sampled) -> tuple[tuple[str, Mapping[str, object]], ...]:
    raw = sampled.raw
    notes: list[tuple[str, Mapping[str, object]]] = []
    if raw.renamed and not raw.headless:
        notes.append(("renamed_columns", {"n": len(raw.renamed)}))
    if raw.skipped:
        notes.append(("lines_above_header", {"n": raw.skipped}))
    if len(raw.sheets) > 1:
        notes.append(("other_sheets", {"sheet": raw.sheet or "", "n": len(raw.sheets) - 1}))
    if not raw.sure:
        notes.append(("encoding_guessed", {"encoding": raw.encoding or ""}))
    return tuple(notes)


# --- how the file writes numbers and dates


def _locale(
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
    name = duck.quoted(column)
    sql = f"select distinct trim({name}) from {raw.name} where regexp_matches({name}, {duck.text(pattern)}) limit 200000"
    return [str(value) for (value,) in connection.execute(sql).fetchall()]


# --- what has to be asked


def _missing_columns(sampled: Sampled, table: Table | None, inputs: Sequence[Input], source: Source | None) -> list[Question]:
    """A file that fills no table whole: which columns are missing is asked, with the file's own names as answers."""
    if source:
        return []
    if table is None:
        return [Question(key="columns", flag="--map", options=sampled.raw.header, facts={"columns": "customer_id, occurred_at, amount"})]
    present = {item.name for item in inputs if item.source}
    if mapping.complete(table, present):
        return []
    need = [name for name in table.key if name not in present]
    if "year" in present and "occurred_at" in need:
        need.remove("occurred_at")
    if not need:
        need = {"customers": ["tier"], "transactions": ["amount"]}.get(table.name, list(table.key)[-1:])
    return [Question(key="columns", flag="--map", options=sampled.raw.header, facts={"columns": ", ".join(need)})]


def _holdout(connection: duckdb.DuckDBPyConnection, sampled: Sampled, inputs: Sequence[Input], answers: Answers) -> list[Question]:
    """Words of the hold-out column that are known to mean neither withheld nor treated."""
    item = next((i for i in inputs if i.column.name == "holdout" and i.source), None)
    if item is None or item.source is None:
        return []
    words = {value.lower() for value in _distinct(connection, sampled.raw, item.source, r"\S")}
    told = {word.lower() for word in answers.holdout}
    unknown = sorted(words - {*checks.WITHHELD, *checks.TREATED, *checks.MISSING} - told)
    return [Question(key="holdout", flag="--holdout", options=tuple(unknown), facts={"column": item.source})] if unknown else []


def _currency(connection: duckdb.DuckDBPyConnection, plan: Plan, source: Source | None, settings: Settings) -> tuple[Plan, list[Question]]:
    """The file's currency and, when it is not the workspace's, the factor that converts its money."""
    codes = {input.name: input.source for input in plan.inputs if input.source}
    found: list[str] = []
    if "currency" in codes:
        found = sorted({value.upper() for value in _distinct(connection, plan.raw, codes["currency"], r"\S")})
    if "rate" in codes and found:
        home = _home_currency(connection, plan, codes["currency"], codes["rate"]) or settings.currency
        return replace(plan, currency=home, factor="coalesce(1 / nullif(rate, 0), 1)"), []
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


def _home_currency(connection: duckdb.DuckDBPyConnection, plan: Plan, currency: str, rate: str) -> str:
    """The currency whose rate is 1: the one the exporter reports in."""
    name, value = duck.quoted(currency), duck.quoted(rate)
    rows = connection.execute(f"select upper(trim({name})) from {plan.raw.name} where try_cast({value} as double) = 1 limit 1").fetchall()
    return str(rows[0][0]) if rows and rows[0][0] else ""


# --- rules and loads


def _usual_rules(table: Table | None) -> tuple[Rule, ...]:
    if table is None:
        return ()
    listed = [", ".join(duck.text(word) for word in words) for words in (_CANCELLED, _REFUNDED)]
    status = (
        Rule(key="cancelled", sql=f"cancelled_at is not null or lower(status) in ({listed[0]})"),
        Rule(key="refunded", sql=f"refunded is null and lower(status) in ({listed[1]})"),
    )
    return (*(status if table.name == "transactions" else ()), *((NO_CUSTOMER,) if "customer_id" in table else ()))


def _usable(rule: Rule, plan: Plan) -> bool:
    """Usual rules about a status are kept only where the file has one."""
    present = {item.name for item in plan.inputs if item.source}
    needs = {"cancelled": {"status", "cancelled_at"}, "refunded": {"status"}}.get(rule.key)
    return needs is None or bool(needs & present)


def _loads(plan: Plan, source: Source | None) -> tuple[Load, ...]:
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
    columns["points"] = f"case when {kind} = 'adjust' then points else abs(points) end"
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
    """A customer list whose key is a member number lists members."""
    key = next((item.source for item in plan.inputs if item.name == "customer_id"), None)
    has = any(item.name == "member" and item.source for item in plan.inputs)
    if plan.table and plan.table.name == "customers" and key and not has and re.search(r"member|loyalty|会员", plain(key)):
        return {"member": "true"}
    return {}


# --- views


def create_views(connection: duckdb.DuckDBPyConnection, plan: Plan, companions: Mapping[str, str]) -> None:
    """typed_N: the file's inputs, typed; checked_N: also _rule (left out under it) and _reason (rejected for it).

    In three layers - text, value, whether it could be read - so that nothing is computed twice.
    """
    texts, values, bad = ["_row"], ["_row"], ["*"]
    for item in plan.inputs:
        texts.append(f"{_text(item, plan)} as {item.name}")
        values.append(f"{_typed(item, plan)} as {item.name}")
        if item.source and item.column.kind not in (Kind.ID, Kind.TEXT):
            values.append(f"{item.name} is not null as _has_{item.name}")
            bad.append(f"_has_{item.name} and {item.name} is null as _bad_{item.name}")
    if plan.kept:
        pairs = ", ".join(f"{duck.text(name)}, {checks.filled(name)}" for name in plan.kept)
        texts = [text for text in texts if not text.endswith(" as attributes")]
        texts.append(f"cast(json_object({pairs}) as varchar) as attributes")
    connection.execute(
        f"create view {plan.typed} as select {', '.join(bad)} from (select {', '.join(values)} from "
        f"(select {', '.join(texts)} from {plan.raw.name}))"
    )
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
    text = checks.filled(item.source)
    if item.column.kind not in (Kind.ID, Kind.TEXT):
        text = checks.known(text)
    clock = _clock(item, plan)
    return f"concat_ws(' ', {text}, {checks.filled(clock)})" if clock else text


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
    arms = [
        f"when _bad_{item.name} then {duck.text(f'unreadable:{item.source}')}"
        for item in plan.inputs
        if item.source and item.column.strict and item.column.kind not in (Kind.ID, Kind.TEXT)
    ]
    for load in plan.loads:
        if load.join:
            continue
        for key in BY_NAME[load.table].key:
            sql = load.columns.get(key)
            if sql and not (key == "customer_id" and load.table == "customers" and load is not plan.loads[0]):
                arms.append(f"when ({load.where}) and ({sql}) is null then {duck.text(f'missing:{key}')}")
    return resolve(f"case {' '.join(arms)} end", companions) if arms else "null"
