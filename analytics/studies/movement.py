"""How do customers move between segments? One cut is learnt at a reference month, kept, and applied at every later month end.

Customers are described by their orders of the months before each month end (the window), so that no one rises by the mere passing
of time. Two states stand beside the segments: lapsed (bought before, not in the window) and newcomer (no order yet at the first
of two month ends).

Tables of the answer
    months       month (its end is the date), segment, customers, share of those in a segment, money: net sales of the window
    transitions  from, to, n, of (customers in `from`), share, low, high, shown (False for a small cell): from the month end `step`
                 months back to the last one
    drift        month, customers, drift (share a refit would put elsewhere), psi (population-stability index against the reference),
                 inertia_ratio (clusters only), chance_low, chance, chance_high, threshold
    refit        segment, customers, refit (customers there after a refit), kept: what learning the cut anew would change
    groups       dimension, value, n, difference (share that moved down or lapsed, less that of others from the same segments) with
                 interval, clear: whether it is beyond chance
    trend        month, and the shares of the movement over `step` months up to it, under the names of the estimates
    events       date, kind, text
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import UserError
from analytics.models import drift as model
from analytics.models import names
from analytics.models import segments as clusters
from analytics.models.differences import beyond_chance, like_for_like
from analytics.models.frozen import MEASURES, CentreCut, Cut, ScoreCut, matched
from analytics.models.scaling import Kind
from analytics.results import Estimate, Note, Result, Unit, exact, wilson
from analytics.studies.base import Filters, Need, Study
from analytics.studies.events import events
from analytics.studies.month_ends import monthly, whole_months
from analytics.studies.movement_figures import draw
from analytics.studies.segments_figures import base
from analytics.warehouse import Warehouse

if TYPE_CHECKING:
    from analytics.i18n import Words

LEAST = 30  # customers without whom fifths and clusters say nothing
LEAST_MONTHS = 4
LAPSED, NEWCOMER = "lapsed", "newcomer"
_AWAY, _UNKNOWN = -1, -2  # their codes; segments have 0, 1 ... from the most to the least valuable
GROUPS = ("region", "channel", "acquisition_channel", "category")  # not the tier: the tier held now is itself a result of the movement

SNAPSHOT = """-- customers as of a month end: what they did in the window up to it, how long they have been known
with activity as (
    select
        customer_id, sum(orders) filter (month >= $first::date) as orders, sum(amount) filter (month >= $first::date) as amount,
        min(first_on) as first_on, max(last_on) as last_on
    from customer_months
    where month <= $day::date and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
    group by customer_id
)
select
    customer_id, activity.orders, activity.amount,
    case when $monthly then 30 * date_diff('month', activity.last_on, $day::date) else date_diff('day', activity.last_on, $day::date) end
        as recency_days, -- data of whole months: all months alike, or 31 days would look like a day of silence more
    date_diff('day', activity.first_on, $day::date) as tenure_days
from activity
join customer_features using (customer_id)
where activity.orders > 0
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
order by customer_id
"""

PEOPLE = """-- everyone who bought by the last month end, with the groups they belong to
with activity as (
    select customer_id, min(first_on) as first_on
    from customer_months
    where month <= $day::date and (len($channel::varchar[]) = 0 or list_contains($channel::varchar[], channel))
    group by customer_id
)
select customer_id, activity.first_on, region, customer_features.channel, acquisition_channel, category
from activity
join customer_features using (customer_id)
left join customer_favourites using (customer_id)
where activity.first_on is not null
  and (len($region::varchar[]) = 0 or list_contains($region::varchar[], region))
  and (len($tier::varchar[]) = 0 or list_contains($tier::varchar[], tier))
order by customer_id
"""


def _month_names(warehouse: Warehouse, chosen: Mapping[str, Any], words: Words) -> dict[str, str]:
    """The months at whose ends the segments could be learnt."""
    return {f"{month:%Y-%m}": words.month(month) for month in whole_months(warehouse)[:-1]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """method: frozen fifths or frozen clusters; step: months between the two month ends; window: months of orders that describe a
    customer; new_days: how long a customer is new; reference: month (YYYY-MM) at whose end the cut is learnt, the earliest one
    possible when empty."""

    method: Literal["rfm", "clusters"] = "rfm"
    step: Literal["1", "3", "12"] = "1"
    window: int = field(default=12, metadata={"min": 1, "max": 36, "step": 1})
    new_days: int = field(default=90, metadata={"preset": "new_days", "min": 7, "max": 730, "step": 1})
    reference: str = field(default="", metadata={"options": _month_names})
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """window: months that describe a customer; monthly: the data knows months only; references: months at whose ends
    the cut could be learnt, best first; months: all."""

    window: int
    step: int
    monthly: bool
    references: pd.DatetimeIndex
    months: pd.DatetimeIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frozen:
    """The cut, how it is learnt anew, and its segments in order of value; codes[cut label] is the place in that order."""

    cut: Cut
    fit: model.Fit
    segments: tuple[str, ...]
    codes: NDArray[np.int64]
    clear: bool = True

    @property
    def match(self) -> bool:
        return isinstance(self.cut, CentreCut)

    def place(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        return self.codes[self.cut.assign(frame)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Course:
    """states (customers, month ends): place of the segment, or _AWAY, _UNKNOWN; what each month end was like."""

    months: pd.DatetimeIndex
    people: pd.DataFrame
    states: NDArray[np.int8]
    money: list[NDArray[np.float64]]
    drift: list[dict[str, Any]]
    last: pd.DataFrame


def run(warehouse: Warehouse, params: Params) -> Result:
    """Where customers were and where they went, and whether the segments still fit."""
    plan = _plan(whole_months(warehouse, params.filters), monthly(warehouse), params)
    if isinstance(plan, Note):
        return Result(study=STUDY.id, verdict=plan, refused=plan)
    at = next((month for month in plan.references if len(_snapshot(warehouse, params, plan, month)) >= LEAST), None)
    if at is None:
        lacking = Note(key="movement.refused.few_customers", facts={"least": LEAST})
        return Result(study=STUDY.id, verdict=lacking, refused=lacking)
    reference = _snapshot(warehouse, params, plan, at)
    frozen = _freeze(reference, params)
    course = _follow(warehouse, params, plan, at, frozen)
    band = model.chance(reference, frozen.fit, len(course.last), match=frozen.match)
    moved = _moved(course.states[:, -1 - plan.step], course.states[:, -1])
    tables = {
        "months": _months(course, frozen),
        "transitions": _transitions(course, frozen, plan.step, warehouse.access.min_cell),
        "drift": pd.DataFrame(course.drift).assign(
            chance_low=band.low, chance=band.middle, chance_high=band.high, threshold=band.threshold
        ),
        "refit": _refit(course, frozen),
        "groups": _groups(course, plan.step, warehouse.access.min_cell),
        "trend": _trend(course, plan.step),
        "events": events(warehouse),
    }
    estimates = {**_estimates(moved), "drift": model.interval(frozen.cut, course.last, frozen.fit, match=frozen.match)}
    return Result(
        study=STUDY.id,
        verdict=_verdict(estimates, course, plan, band),
        estimates=estimates,
        tables={name: table for name, table in tables.items() if len(table)},
        warnings=_warnings(params, plan, frozen, reference, at),
    )


def _plan(months: pd.DatetimeIndex, by_month: bool, params: Params) -> _Plan | Note:
    """What the history allows; a note when it is too short."""
    step, window = int(params.step), min(params.window, max(len(months) // 2, 1))
    if len(months) < LEAST_MONTHS or window + step > len(months):
        return Note(key="movement.refused.short", facts={"months": len(months), "least": max(LEAST_MONTHS, 2 * step if step > 1 else 0)})
    references = months[window - 1 : len(months) - step]
    if params.reference:
        asked = [month for month in references if f"{month:%Y-%m}" == params.reference]
        if not asked:
            allowed = f"{references[0]:%Y-%m} ... {references[-1]:%Y-%m}"
            raise UserError("bad_param", study=STUDY.id, name="reference", value=params.reference, allowed=allowed)
        references = pd.DatetimeIndex(asked)
    return _Plan(window=window, step=step, monthly=by_month, references=references, months=months)


def _facts(params: Params) -> dict[str, list[str]]:
    return {name: list(getattr(params.filters, name)) for name in ("channel", "region", "tier")}


def _end(month: pd.Timestamp) -> pd.Timestamp:
    return month + pd.offsets.MonthEnd(0)


def _snapshot(warehouse: Warehouse, params: Params, plan: _Plan, month: pd.Timestamp) -> pd.DataFrame:
    first = month - pd.DateOffset(months=plan.window - 1)
    frame = warehouse.frame(SNAPSHOT, first=first.date(), day=_end(month).date(), monthly=plan.monthly, **_facts(params))
    return frame.assign(amount=frame["amount"].fillna(0.0)) if frame["amount"].notna().any() else frame.drop(columns="amount")


def _freeze(reference: pd.DataFrame, params: Params) -> _Frozen:
    if params.method == "rfm":
        identity = np.arange(len(names.ORDER))
        fit = partial(ScoreCut.fit, usual=params.new_days)
        return _Frozen(cut=fit(reference), fit=fit, segments=names.ORDER, codes=identity)
    kinds: dict[str, Kind] = {name: kind for name, kind in MEASURES.items() if name in reference}
    found = clusters.cluster(reference, kinds)
    if found.frozen is None:
        raise UserError("no_clusters", n=len(reference))
    given, _ = names.of_clusters(reference, found.labels, params.new_days)
    ordered = tuple(sorted(given, key=lambda name: (names.ORDER.index(base(name)), name)))
    return _Frozen(
        cut=CentreCut(frozen=found.frozen, k=found.k),
        fit=partial(CentreCut.fit, kinds=kinds, k=found.k),
        segments=ordered,
        codes=np.array([ordered.index(name) for name in given]),
        clear=found.clear,
    )


def _follow(warehouse: Warehouse, params: Params, plan: _Plan, at: pd.Timestamp, frozen: _Frozen) -> _Course:
    """Every month end from the reference on: who stands where, and what a refit would say."""
    months = plan.months[plan.months >= at]
    people = warehouse.frame(PEOPLE, day=_end(months[-1]).date(), **_facts(params))
    states = np.full((len(people), len(months)), _UNKNOWN, np.int8)
    money: list[NDArray[np.float64]] = []
    drift: list[dict[str, Any]] = []
    found, everyone = pd.DataFrame(), pd.Index(people["customer_id"])
    start = np.zeros(len(frozen.segments), np.int64)
    for number, month in enumerate(months):
        found = _snapshot(warehouse, params, plan, month)
        place = frozen.place(found)
        states[(people["first_on"] <= _end(month)).to_numpy(), number] = _AWAY
        states[everyone.get_indexer(pd.Index(found["customer_id"])), number] = place
        if "amount" in found:
            money.append(np.bincount(place, found["amount"].to_numpy(float), len(frozen.segments)).astype(float))
        counts = np.bincount(place, minlength=len(frozen.segments))
        start = counts if number == 0 else start
        drift.append({"month": month, "customers": len(found), **_drifted(frozen, found, start, counts)})
    return _Course(months=months, people=people, states=states, money=money, drift=drift, last=found)


def _drifted(frozen: _Frozen, found: pd.DataFrame, start: NDArray[np.int64], counts: NDArray[np.int64]) -> dict[str, float]:
    figures = {
        "drift": model.drift(frozen.cut, found, frozen.fit, match=frozen.match),
        "psi": model.stability_index(start, counts),
    }
    if isinstance(frozen.cut, CentreCut):
        refit = frozen.fit(found)
        figures["inertia_ratio"] = frozen.cut.tightness(refit, found) if isinstance(refit, CentreCut) else np.nan
    return figures


def _months(course: _Course, frozen: _Frozen) -> pd.DataFrame:
    parts = []
    for number, month in enumerate(course.months):
        inside = course.states[:, number][course.states[:, number] >= 0]
        counts = np.bincount(inside, minlength=len(frozen.segments))
        part = pd.DataFrame({"month": month, "segment": frozen.segments, "customers": counts, "share": counts / max(len(inside), 1)})
        parts.append(part.assign(money=course.money[number]) if len(course.money) == len(course.months) else part)
    table = pd.concat(parts, ignore_index=True)
    return table[table.groupby("segment")["customers"].transform("sum") > 0].reset_index(drop=True)


def _transitions(course: _Course, frozen: _Frozen, step: int, min_cell: int) -> pd.DataFrame:
    """One row a pair of states that hold customers; the shares of each `from` add up to 1."""
    before, after = course.states[:, -1 - step], course.states[:, -1]
    known = after != _UNKNOWN
    called = {**dict(enumerate(frozen.segments)), _AWAY: LAPSED, _UNKNOWN: NEWCOMER}
    counts = pd.crosstab(before[known], after[known])
    order = (*range(len(frozen.segments)), _AWAY, _UNKNOWN)
    rows = []
    for start in (code for code in order if code in counts.index):
        of = int(counts.loc[start].sum())
        for end in (code for code in order if code in counts.columns):
            n = int(counts.loc[start, end])
            share = wilson(n, of)
            row = {"from": called[start], "to": called[end], "n": n, "of": of}
            rows.append({**row, "share": share.value, "low": share.low, "high": share.high, "shown": not 0 < n < min_cell})
    return pd.DataFrame(rows)


def _moved(before: NDArray[np.int8], after: NDArray[np.int8]) -> dict[str, tuple[int, int]]:
    """Of the customers who stood in a segment: how many stayed in it, rose, fell, lapsed; each with the number they are of."""
    stood = before >= 0
    start, end = before[stood], after[stood]
    hits = {
        "stayed_share": end == start,
        "upgraded_share": (end >= 0) & (end < start),
        "downgraded_share": end > start,
        "left_share": end == _AWAY,
    }
    return {name: (int(hit.sum()), len(start)) for name, hit in hits.items()}


def _estimates(moved: dict[str, tuple[int, int]]) -> dict[str, Estimate]:
    n = moved["stayed_share"][1]
    return {"customers": exact(n, unit=Unit.COUNT, n=n), **{name: wilson(hits, of) for name, (hits, of) in moved.items()}}


def _trend(course: _Course, step: int) -> pd.DataFrame:
    """The same movement up to each month end."""
    rows = []
    for number in range(step, len(course.months)):
        moved = _moved(course.states[:, number - step], course.states[:, number])
        shares = {name: hits / of for name, (hits, of) in moved.items() if of}
        rows.append({"month": course.months[number], **shares, "drift": course.drift[number]["drift"]})
    return pd.DataFrame(rows)


def _refit(course: _Course, frozen: _Frozen) -> pd.DataFrame:
    """The segments of the last month end as they are and as a refit would make them."""
    now, new = frozen.cut.assign(course.last), frozen.fit(course.last).assign(course.last)
    new = matched(now, new, frozen.cut.k) if frozen.match else new
    now, new = frozen.codes[now], frozen.codes[new]
    k = len(frozen.segments)
    table = pd.DataFrame(
        {
            "segment": frozen.segments,
            "customers": np.bincount(now, minlength=k),
            "refit": np.bincount(new, minlength=k),
            "kept": np.bincount(now[now == new], minlength=k),
        }
    )
    return table[table["customers"] + table["refit"] > 0].reset_index(drop=True)


def _groups(course: _Course, step: int, min_cell: int) -> pd.DataFrame:
    """Who moved down or lapsed more than others that stood in the same segments."""
    before, after = course.states[:, -1 - step].astype(np.int64), course.states[:, -1]
    stood = before >= 0
    start, fell = before[stood], ((after > before) | (after == _AWAY))[stood]
    people, rows, found = course.people[stood], [], []
    for dimension in (name for name in GROUPS if people[name].nunique() > 1):
        for value, n in people[dimension].value_counts().items():
            difference = like_for_like((people[dimension] == value).to_numpy(bool), fell, start) if n >= max(LEAST, min_cell) else None
            if difference is not None:
                found.append(difference)
                rows.append({"dimension": dimension, "value": value, "n": n, "difference": difference.value})
    clear = beyond_chance(found)
    return pd.DataFrame(rows).assign(low=[one.low for one in found], high=[one.high for one in found], clear=clear)


def _verdict(estimates: dict[str, Estimate], course: _Course, plan: _Plan, band: model.Band) -> Note:
    alarmed = model.alarm([float(row["drift"]) for row in course.drift], band)
    kind = "drifted" if alarmed else "unclear" if estimates["drift"].high > band.threshold else "fits"
    return Note(
        key=f"movement.verdict.{kind}",
        facts={"since": _end(course.months[-1 - plan.step]).date(), "until": _end(course.months[-1]).date(), **estimates},
    )


def _warnings(params: Params, plan: _Plan, frozen: _Frozen, reference: pd.DataFrame, at: pd.Timestamp) -> tuple[Note, ...]:
    notes = [] if frozen.clear else [Note(key="movement.warnings.no_clear_clusters", facts={"k": len(frozen.segments)})]
    if plan.window < params.window:
        notes.append(Note(key="movement.warnings.short_window", facts={"window": plan.window, "asked": params.window}))
    if at != plan.references[0]:
        notes.append(Note(key="movement.warnings.late_reference", facts={"month": _end(at).date(), "least": LEAST}))
    if "amount" not in reference and params.method == "clusters":
        notes.append(Note(key="segments.warnings.no_money"))
    return tuple(notes)


STUDY = Study(
    id="movement",
    group="customers",
    any_of=((Need(table="transactions", columns=("customer_id", "occurred_at")),),),
    params=Params,
    run=run,
    figures=draw,
)
