"""What a known exporter means: how its files are recognised, mapped, filtered and turned into canonical rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from analytics.contract import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Rows for which `sql` is true are left out and counted under `key` (strings under `rules.<key>`)."""

    key: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One canonical table filled from a file.

    columns  canonical column -> SQL over the file's typed inputs
    where    which kept rows go into this table
    join     SQL joined behind the file's rows (alias t); {source_id} stands for a companion file's rows
    """

    table: str
    columns: Mapping[str, str]
    where: str = "true"
    join: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What else is there: source ids of the files of this import, and of what the workspace holds."""

    here: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()

    def knows(self, source: str) -> bool:
        return source in self.here or source in self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A known kind of file.

    signature  sets of plain headers; a file that has all of one set is of this source
    also       plain header -> the other plain headers under which it comes: API names, what tenants call it
    telltale   plain headers that are seldom renamed: a file that fits only by `also` must have `least` of them
    marks      plain headers that nobody else has: one of them does instead of telltales
    headless   for files without a header: do the samples (column by column) look like it?
    table      the canonical table its rows are mainly
    mapping    plain header -> "table.column"; of several for one column the first that is there
    extra      input name -> (plain header, kind): what only rules and loads need
    keys       inputs (by name) that join files and are personal: replaced by pseudonyms
    rules      in order; each row is counted under the first that applies
    loads      None: the table's usual loads
    fixed      canonical column -> SQL constant
    replaces   a row is an order or deal as it stands now: it takes the place of what an earlier export said of the same number
    not_after  sources whose rows would have meant something else beside this one: it is refused when they were loaded without it
    refusal    the error that says so (strings under `errors.<refusal>`)
    currency   ISO code when the exporter has only one
    adapt      the source as it means in this context (companion files)
    """

    id: str
    table: str
    signature: tuple[tuple[str, ...], ...] = ()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    telltale: frozenset[str] = frozenset()
    least: int = 0
    marks: frozenset[str] = frozenset()
    headless: Callable[[Sequence[Sequence[str]]], bool] | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, tuple[str, Kind]] = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    loads: tuple[Load, ...] | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    replaces: bool = False
    not_after: tuple[str, ...] = ()
    refusal: str = ""
    currency: str | None = None
    adapt: Callable[[Source, Context], Source] | None = None

    def matches(self, header: Collection[str]) -> bool:
        """Whether a file with these plain headers is of this source."""
        if any(all(name in header for name in names) for names in self.signature):
            return True
        known = set(self.usual(header).values())
        renamed = any(all(name in known for name in names) for names in self.signature)
        told = len(self.telltale.intersection(header)) >= self.least or not self.marks.isdisjoint(header)
        return renamed and told

    def usual(self, header: Collection[str]) -> dict[str, str]:
        """Plain header of a file -> the plain header under which this source knows it."""
        known = {name: name for name in header}
        for usual, others in self.also.items():
            other = next((name for name in others if name in header), None)
            if usual not in header and other:
                known[other] = usual
        return known

    def comes_late(self, context: Context) -> bool:
        return self.id not in context.before and not context.before.isdisjoint(self.not_after)

    def within(self, context: Context) -> Source:
        return self.adapt(replace(self, adapt=None), context) if self.adapt else self


def headers(listed: str) -> frozenset[str]:
    """Plain headers written one after the other: `a|b|c`."""
    return frozenset(listed.split("|"))


def left_out(source: Source, key: str) -> Source:
    """The source when none of its rows count, because other files say the same; they replace nothing either."""
    return replace(source, rules=(Rule(key=key, sql="true"),), loads=(), replaces=False)


NO_CUSTOMER = Rule(key="no_customer", sql="customer_id is null")
LOOKUP = Rule(key="lookup", sql="true")
