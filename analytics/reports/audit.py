"""What the audit report of a group of studies holds: each answer or why there is none, the tests behind it, what was not measured."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.errors import UserError
from analytics.fits import Fit, Tell, fitted, kept
from analytics.results import Note, Result
from analytics.studies import CATALOGUE, answer
from analytics.studies.base import Need, Study, defaults, missing

if TYPE_CHECKING:
    from analytics.i18n import Words
    from analytics.warehouse import Warehouse

GROUP = "tiers"
ATTRIBUTES = (
    "tier",
    "gender",
    "birth_year",
    "region",
    "city",
    "industry",
    "acquisition_channel",
)  # of customers, by which people can differ
RECORDS = ("tiers", "tier_rules", "points", "benefits", "contacts", "feedback", "experiments")  # of what they were given, and how treated
Ask = Callable[[Study, Any], Result | None]  # None: a model that the study reads is not made yet


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Of which data the report is made."""

    workspace: str
    version: int
    created_at: str
    as_of: date | None
    loaded: int
    excluded: int
    rejected: int
    time_zone: str
    min_cell: int
    demo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One study: its answer, or the needs that are not met, or neither where its models are not made yet."""

    study: Study
    params: Any
    result: Result | None = None
    needs: tuple[Need, ...] = ()

    @property
    def state(self) -> str:
        """answered, refused, locked or unfitted."""
        if self.needs:
            return "locked"
        if self.result is None:
            return "unfitted"
        return "answered" if self.result.refused is None else "refused"

    def named(self, table: pd.DataFrame, words: Words) -> pd.DataFrame:
        """Any table of the study as a reader gets it: the module that draws its figures heads them."""
        headed: pd.DataFrame = sys.modules[self.study.figures.__module__].named(table, words)
        return headed


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One family of tests: which table of which study, how many comparisons, how many are flagged, under which margin."""

    study: str
    table: str
    comparisons: int
    flagged: int
    margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The whole report, before it is worded.

    absent   attributes of customers, and records, that the data does not hold
    """

    group: str
    about: About
    sections: tuple[Section, ...]
    absent: tuple[str, ...]

    @property
    def tested(self) -> tuple[Tested, ...]:
        """Every table that carries corrected probabilities: its comparisons were made together."""
        return tuple(test for section in self.sections for test in _tests(section))

    def notes(self) -> Iterator[tuple[Section, Note]]:
        """Warnings, each with its section."""
        for section in self.sections:
            for note in section.result.warnings if section.result else ():
                yield section, note


def audit(warehouse: Warehouse, ask: Ask, group: str = GROUP) -> Audit:
    """All studies of a group, as the catalogue holds them, on the parameters that their pages begin with.

    Raises  UserError unknown_group
    """
    studies = [study for study in CATALOGUE.values() if study.group == group]
    if not studies:
        raise UserError("unknown_group", name=group, known=", ".join(dict.fromkeys(study.group for study in CATALOGUE.values())))
    sections = tuple(_section(warehouse, study, ask) for study in studies)
    return Audit(group=group, about=_about(warehouse), sections=sections, absent=_absent(warehouse))


def _section(warehouse: Warehouse, study: Study, ask: Ask) -> Section:
    params, needs = defaults(study, warehouse.settings), missing(study, warehouse.present())
    if needs:
        return Section(study=study, params=params, needs=needs)
    return Section(study=study, params=params, result=ask(study, params))


def answering(warehouse: Warehouse, tell: Callable[[str, str], None]) -> Ask:
    """Asks each study, having made what it has to fit, and what it would use; `tell` hears of each fit and its steps."""

    def ask(study: Study, params: Any) -> Result:
        for fit, asked in (*study.fits(params), *(use for use in study.uses(params) if _can(warehouse, use[0]))):
            fitted(warehouse, fit, _steps(fit.id, tell), **asked)
        return answer(study, warehouse, params)

    return ask


def _can(warehouse: Warehouse, fit: Fit) -> bool:
    """Whether the data has what the study needs whose fit it is."""
    owners = [study for study in CATALOGUE.values() if any(own.id == fit.id for own, _ in study.fits(study.params()))]
    return any(not missing(study, warehouse.present()) for study in owners)


def _steps(fit: str, tell: Callable[[str, str], None]) -> Tell:
    """Tells each step once."""
    told: set[str] = set()

    def heard(step: str, done: int, total: int) -> None:
        if step not in told:
            told.add(step)
            tell(fit, step)

    return heard


def standing(warehouse: Warehouse) -> Ask:
    """Asks only studies whose models are made."""

    def ask(study: Study, params: Any) -> Result | None:
        ready = all(kept(warehouse, fit, **asked) for fit, asked in study.fits(params))
        return answer(study, warehouse, params) if ready else None

    return ask


def _about(warehouse: Warehouse) -> About:
    version = warehouse.version
    return About(
        workspace=warehouse.access.workspace,
        version=version.number,
        created_at=version.created_at,
        as_of=warehouse.as_of,
        loaded=sum(file["rows_loaded"] for file in version.files),
        excluded=sum(sum(file["rows_excluded"].values()) for file in version.files),
        rejected=sum(file["rows_rejected"] for file in version.files),
        time_zone=version.settings.time_zone,
        min_cell=warehouse.access.min_cell,
        demo=bool(version.demo),
    )


def _absent(warehouse: Warehouse) -> tuple[str, ...]:
    present = warehouse.present()
    people = present.get("customers", frozenset())
    lacking = [f"customers.{name}" for name in ATTRIBUTES if name not in people and not (name == "tier" and "tiers" in present)]
    return (*lacking, *(name for name in RECORDS if name not in present))


def _tests(section: Section) -> Iterator[Tested]:
    for name, table in families(section.result.tables if section.result else {}).items():
        yield Tested(
            study=section.study.id,
            table=name,
            comparisons=int(table["q"].notna().sum()),
            flagged=int(table["flagged"].fillna(False).astype(bool).sum()),
            margin=getattr(section.params, "margin", None),
        )


def families(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Tables of comparisons without those that are excerpts of another: their probabilities are among its own."""
    known = {name: frozenset(table["q"].dropna()) for name, table in tables.items() if is_tested(table)}
    return {name: tables[name] for name, own in known.items() if not any(own < other for other in known.values())}


def is_tested(table: pd.DataFrame) -> bool:
    """Whether a table holds comparisons that were corrected together."""
    return {"q", "flagged"} <= set(table.columns)


def about_persons(table: pd.DataFrame) -> bool:
    """Whether a table names single customers: a report that leaves the house has no place for them."""
    return "customer_id" in table.columns
