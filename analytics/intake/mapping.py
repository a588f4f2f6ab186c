"""Which source column is which canonical column: by alias, by a similar name, checked against what the values look like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from analytics.contract import BY_NAME, CUSTOMERS, OUTCOMES, PERSONAL, TABLES, TRANSACTIONS, Column, Kind, Table, plain
from analytics.intake.checks import fits, is_number

FUZZY = 88  # least rapidfuzz ratio for a similar name
_LOOK = 500  # values looked at for their shape
FITS = 0.6  # least share of sample values that a column of a similar name could hold
NAMED_FITS = 0.3  # of the very name: its unreadable values are better rejected with a reason than left out unseen
_BESIDE = ("transactions", "points", "contacts", "feedback", "outcomes", "tiers")  # rows that may also describe their customer
_EVENTS = ("transactions", "points", "contacts", "feedback")
_GROUPS = ("tier", "region", "gender", "industry", "category", "channel", "acquisition_channel")  # few values, many rows each
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_PHONE = re.compile(r"(\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\+\d[\d ()-]{7,}\d")
_IDENTITY = re.compile(r"\d{17}[\dXx]")
_OF_MEMBERS = re.compile(r"^会员|积分|^member(ship)?(id|no|number|level|tier|card)|^loyalty|^points")
_REGISTERED = re.compile(r"注册|regist|join|signup")
_PERSON = re.compile(r"[A-Z][A-Za-z'’.-]+( [A-Z][A-Za-z'’.-]*){1,3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A source column taken for `table.column`; why: alias | fuzzy | values."""

    source: str
    target: str
    confidence: float
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How a file without a known exporter maps.

    table    best table; None when nothing fits
    rivals   tables that fit about as well: the user is asked
    matches  one per mapped source column, of `table` and of `customers` beside it
    """

    table: Table | None
    rivals: tuple[str, ...]
    matches: tuple[Match, ...]


def guess(header: Sequence[str], samples: Mapping[str, Sequence[str]], *, table: str | None = None) -> Guess:
    """The table and mapping that explain most of a header.

    samples  source column -> some of its non-empty values
    table    the user's choice, when there is one
    """
    names = {source: plain(source) for source in header}
    candidates = [BY_NAME[table]] if table else list(TABLES)
    found = {t.name: _assign(t, names, samples) for t in candidates}
    whole = {name: m for name, m in found.items() if table or complete(BY_NAME[name], targets(m))}
    whole = {name: (*m, *_beside(name, m, names, samples)) for name, m in whole.items()}
    if not table and any("customer_id" in targets(m) for m in found.values()):
        whole = {name: m for name, m in whole.items() if "customer_id" in targets(m)}
    if "points" in whole and "amount" in targets(whole.get("transactions", ())) and "kind" not in targets(whole["points"]):
        del whole["points"]
    if "customers" in whole and any(_repeats(whole[name], samples) for name in whole if name in _EVENTS):
        del whole["customers"]
    if not whole:
        best = max(found, key=lambda name: _weight(found[name]), default=None)
        return Guess(table=None, rivals=(), matches=found[best] if best and _weight(found[best]) >= 2 else ())
    ranked = sorted(whole, key=lambda name: _weight(whole[name]), reverse=True)
    first = ranked[0]
    if first == "customers":
        whole[first] = _enrolled(whole[first], names)
    rivals = tuple(name for name in ranked[1:] if _weight(whole[name]) >= _weight(whole[first]) - 0.5)
    return Guess(table=BY_NAME[first], rivals=(first, *rivals) if rivals else (), matches=whole[first])


def lists_members(names: Iterable[str]) -> bool:
    """Whether the plain headers of a customer list speak of members: a member's number, level or points."""
    return any(_OF_MEMBERS.search(name) for name in names)


def _enrolled(matches: Sequence[Match], names: Mapping[str, str]) -> tuple[Match, ...]:
    """In a list of members the day of registration is the day of enrolment."""
    if "enrolled_on" in targets(matches) or not lists_members(names.values()):
        return tuple(matches)
    return tuple(
        replace(match, target="customers.enrolled_on")
        if match.target == "customers.created_on" and _REGISTERED.search(names[match.source])
        else match
        for match in matches
    )


def targets(matches: Sequence[Match]) -> set[str]:
    """The columns, without their table, that matches fill."""
    return {match.target.split(".")[1] for match in matches}


def complete(table: Table, columns: set[str]) -> bool:
    """Whether the columns can make whole rows of a table."""
    has = columns.__contains__
    when = has("occurred_at") or has("year")
    match table.name:
        case "transactions":
            money = has("amount") or (has("unit_price") and has("quantity"))
            return has("customer_id") and when and (money or has("transaction_id") or has("quantity"))
        case "points":
            return has("customer_id") and when and bool(columns & {"points", "earned", "redeemed"})
        case "customers":
            return has("customer_id") and len(columns) > 1
        case "contacts":
            return has("customer_id") and when and bool(columns & {"campaign_id", "responded", "opted_out", "minutes"})
        case "feedback":
            return has("customer_id") and when and bool(columns & {"score", "text", "topic"}) and len(columns) > 3
        case "opportunities":
            return has("customer_id") and has("stage") and bool(columns & {"amount", "opportunity_id"})
        case _:
            return all(has(name) for name in table.key)


def personal_kind(source: str, values: Sequence[str]) -> str | None:
    """The kind of personal data a column holds, by its name or by its values; None when it tells no person."""
    name = plain(source)
    for kind, aliases in PERSONAL.items():
        if name in map(plain, aliases):
            return kind
    known = [value.strip() for value in values[:_LOOK] if value.strip()]
    for kind, pattern in (("email", _EMAIL), ("id_number", _IDENTITY), ("phone", _PHONE)):
        if known and sum(bool(pattern.fullmatch(value)) for value in known) >= 0.5 * len(known):
            return kind
    return None


def names_customers(header: Sequence[str]) -> bool:
    """Whether a header has a name under which files bring their customers."""
    known = {plain(alias) for alias in TRANSACTIONS["customer_id"].aliases}
    return any(plain(name) in known for name in header)


def names_people(values: Sequence[str]) -> bool:
    """Whether values look like persons' names: a key made of names is replaced by pseudonyms."""
    known = [value.strip() for value in values[:_LOOK] if value.strip()]
    return bool(known) and sum(bool(_PERSON.fullmatch(value)) for value in known) >= 0.6 * len(known)


def _repeats(matches: Sequence[Match], samples: Mapping[str, Sequence[str]]) -> bool:
    """Whether rows are events of customers, not customers: they carry an order number, or customers come again."""
    sources = {match.target.split(".")[1]: match.source for match in matches}
    ids = samples.get(sources.get("customer_id", ""), ())
    numbered = plain(sources.get("transaction_id", "id")) != "id"  # a bare id may just as well number the customers
    return numbered or len(set(ids)) < len(ids)


def _assign(table: Table, names: Mapping[str, str], samples: Mapping[str, Sequence[str]]) -> tuple[Match, ...]:
    """Each column's best source, best pairs first, each source once."""
    pairs = [
        match
        for column in table.columns
        for source, name in names.items()
        if (match := _score(table, column, source, name, samples.get(source, ()))) is not None
    ]
    pairs.sort(key=lambda match: match.confidence, reverse=True)
    sources: set[str] = set()
    targets: set[str] = set()
    kept = []
    for match in pairs:
        if match.source not in sources and match.target not in targets:
            sources.add(match.source)
            targets.add(match.target)
            kept.append(match)
    return tuple(kept)


def _score(table: Table, column: Column, source: str, name: str, values: Sequence[str]) -> Match | None:
    aliases = [plain(alias) for alias in (column.name, *column.aliases)]
    if not column.aliases:
        return None
    if name in aliases:
        confidence, why = 1 - 0.002 * min(aliases.index(name), 60), "alias"
    else:
        ratio = max(fuzz.ratio(name, alias) for alias in aliases) if len(name) > 3 else 0
        if ratio < FUZZY:
            return None
        confidence, why = 0.7 * ratio / 100, "fuzzy"
    values = values[:_LOOK]
    few_words = column.name == "holdout" and len(set(values)) <= 6  # words that are not known are asked, not passed over
    fit = 1.0 if few_words else fits(column.kind, values, column)
    if fit < (FITS if why == "fuzzy" else NAMED_FITS):
        return None
    if column.kind in (Kind.ID, Kind.TEXT) and _is_amount(values):
        return None
    if column.name == "discount" and values and all(_share(value) for value in values):
        return None  # a rate, not money
    if column.name in _GROUPS and len(values) >= 50 and len(set(values)) > 0.8 * len(values):
        return None
    personal = personal_kind(source, values)
    if personal and column.name not in ("customer_id", "birth_year", "referred_by"):
        return None
    return Match(source=source, target=f"{table.name}.{column.name}", confidence=round(confidence * (0.7 + 0.3 * fit), 3), why=why)


def _share(value: str) -> bool:
    return bool(re.fullmatch(r"0?[.,]\d+|0|1", value.strip()))


def _is_amount(values: Sequence[str]) -> bool:
    """Values with cents are no ids and no categories."""
    known = [value for value in values if value.strip()]
    return bool(known) and all(is_number(v) for v in known) and sum(bool(re.search(r"[.,]\d*[1-9]\d*$", v)) for v in known) > len(known) / 4


def _weight(matches: Sequence[Match]) -> float:
    """How much of a header a table explains; what no other table has counts double, what all have counts little."""
    total = 0.0
    for match in matches:
        table, column = match.target.split(".")
        if column == "customer_id":
            total += 0.5 * match.confidence
            continue
        owners = sum(column in other for other in TABLES)
        total += match.confidence * (1.5 if owners == 1 else 1.0)
        total += 2 if table == OUTCOMES.name and column == "churned" else 0
    return total


def _beside(first: str, matches: Sequence[Match], names: Mapping[str, str], samples: Mapping[str, Sequence[str]]) -> list[Match]:
    """Columns the main table has no use for that describe the row's customer."""
    if first not in _BESIDE:
        return []
    used = {match.source for match in matches}
    left = {source: name for source, name in names.items() if source not in used}
    own = {match.target.split(".")[1] for match in matches}
    return [match for match in _assign(CUSTOMERS, left, samples) if match.target.split(".")[1] not in own | {"customer_id", "created_on"}]
