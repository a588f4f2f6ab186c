"""What a plan is made of: the typed inputs of a file, its samples, and everything needed to load it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from analytics.contract import Column, Kind, Table
from analytics.intake.checks import Locale
from analytics.intake.read import Raw
from analytics.intake.report import Answers, ColumnPlan, FilePlan, Question
from analytics.intake.sources.base import Load, Rule, Source


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
    replaces: bool = False
    currency: str = ""
    factor: str = ""
    kept: tuple[str, ...] = field(default=())

    @property
    def typed(self) -> str:
        return f"typed_{self.number}"

    @property
    def checked(self) -> str:
        return f"checked_{self.number}"

    @property
    def typed_inputs(self) -> tuple[Input, ...]:
        """Inputs whose text has to be read as something: not every cell has a value."""
        return tuple(item for item in self.inputs if item.source and item.column.kind not in (Kind.ID, Kind.TEXT))

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
            workbook=self.raw.workbook,
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
