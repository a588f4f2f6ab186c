"""What a study is: one question, what it needs, its parameters, how it is answered and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import pandas as pd

from analytics.presets import PRESETS
from analytics.results import Result

if TYPE_CHECKING:
    from analytics.fits import Fit
    from analytics.i18n import Words
    from analytics.settings import Settings
    from analytics.warehouse import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A canonical table and the columns of it that must hold at least one value."""

    table: str
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One drawing, ready for any renderer.

    key    short id, unique in its study
    title  the finding, as a sentence
    note   unit and period, one grey line
    alt    what a reader who cannot see it must know
    spec   a plain plotly figure (dict with data and layout), without colours of the page itself
    table  the numbers behind it
    wide   drawn over the whole width, as what has many rows must be
    """

    key: str
    title: str
    note: str
    alt: str
    spec: dict[str, Any]
    table: pd.DataFrame
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What part of the data is asked about; every field empty means all of it.

    period   first and last month as YYYY-MM, both included
    region, channel, tier   chosen values
    """

    period: tuple[str, str] | None = None
    region: tuple[str, ...] = ()
    channel: tuple[str, ...] = ()
    tier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One question of the product.

    id         stable id, also the page, the CLI word and the key of its strings (`studies.<id>.title|question|method|caveat|empty`)
    group      navigation group: start, customers, programme, tiers, relationship, act
    any_of     alternatives; the study is ready when all needs of at least one alternative are met
    params     frozen dataclass; each field is a widget, a CLI flag and a report line. A field named
               `filters` of type Filters is filled from the filter bar. Metadata of a field: min, max, step;
               only (other field, value) asks it only then; preset names the Preset field its default comes from;
               options (warehouse, values chosen so far, words) -> value: its name, for a text that is picked, not typed
    run        (warehouse, params) -> Result; SQL over marts, then a model
    figures    (result, words) -> figures in the order they are drawn
    fits       (params) -> what has to be fitted first, each with its own parameters: it takes long, so that pages show its progress
    uses       (params) -> fits that are read where they are kept, and done without where they are not
    graded     whether it claims a cause: its answer carries a grade then, D also where the data it needs is not there
    """

    id: str
    group: str
    any_of: tuple[tuple[Need, ...], ...]
    params: type
    run: Callable[[Warehouse, Any], Result]
    figures: Callable[[Result, Words], tuple[Figure, ...]]
    fits: Callable[[Any], tuple[tuple[Fit, Mapping[str, Any]], ...]] = lambda params: ()
    uses: Callable[[Any], tuple[tuple[Fit, Mapping[str, Any]], ...]] = lambda params: ()
    graded: bool = False


def defaults(study: Study, settings: Settings) -> Any:
    """The study's params as the workspace's industry preset sets them."""
    preset = PRESETS[settings.preset]
    named = {field.name: field.metadata["preset"] for field in fields(study.params) if "preset" in field.metadata}
    return study.params(**{name: getattr(preset, source) for name, source in named.items()})


def missing(study: Study, present: Mapping[str, frozenset[str]]) -> tuple[Need, ...]:
    """What the cheapest alternative still lacks; empty when the study is ready.

    `present` is table -> columns that hold at least one value.
    """
    gaps = [tuple(gap for need in needs if (gap := _gap(need, present)) is not None) for needs in study.any_of]
    return min(gaps, key=lambda needs: sum(len(need.columns) or 1 for need in needs))


def _gap(need: Need, present: Mapping[str, frozenset[str]]) -> Need | None:
    if need.table not in present:
        return need
    columns = tuple(column for column in need.columns if column not in present[need.table])
    return Need(table=need.table, columns=columns) if columns else None
