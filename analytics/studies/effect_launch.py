"""The design `launch`: what the groups that the programme reached sold more than groups it did not, from its first day on.

facts    launched, groups (by what: region, channel), reached, controls (names), weeks, before, members
tables   launch (week, actual, expected, low, high), placebos_launch (placebo: time or space, value, low, high), money per treated and month
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.studies.effect_adjusted_data import COLUMN
from analytics.studies.effect_designs import Attempt
from analytics.studies.effect_panel import Measure

if TYPE_CHECKING:
    from analytics.models.launch import Launch
    from analytics.warehouse import Warehouse

WEEK, MONTH = 7, 30.4375  # days
REACHED, SPARED = 0.1, 0.01  # share of members among a group's customers from which, and up to which, it counts as reached or not
STEADY = 0.5  # share of the weeks before in which a control sold something

LAUNCHED = r"""-- the first day of the programme: as an event tells it, else the first enrolment
select coalesce(
    (
        select min(date) from events
        where regexp_matches(lower(text), 'launch|starts|introduc|go live|上线|启动|推出|开始')
            and regexp_matches(lower(concat_ws(' ', kind, text)), 'programme|program|loyalty|membership|会员|积分|忠诚')
    ),
    (select min(enrolled_on) from customers)
)::date
"""

FIRST_EVENT = "select min(enrolled_on)::date, min(first_on)::date, max(last_on)::date from customer_features"

GROUPS = """-- customers and members of each region and of each channel mostly bought in
select 'region' as kind, region as name, count(*) as customers, count(enrolled_on) as members
from customer_features where region is not null group by region
union all
select 'channel', channel, count(*), count(enrolled_on) from customer_features where channel is not null group by channel
order by all
"""

WEEKS = """-- weekly money of the customers of each group: week (its first day), name, amount, margin
select
    ($launched::date + cast(floor(date_diff('day', $launched::date, cast(occurred_at as date)) / 7.0) as integer) * 7)::date as week,
    case when $kind = 'region' then who.region else who.channel end as name,
    sum(transactions.amount)::double as amount, sum(transactions.margin)::double as margin
from transactions join customer_features as who using (customer_id)
where cast(occurred_at as date) <= (select day from as_of_day)
group by week, name having name is not null order by week, name
"""

MEMBERS = """-- members of the reached groups, and days of membership from the launch to the last day counted
select count(*), sum(date_diff('day', greatest(enrolled_on, $launched::date), least(coalesce(cancelled_on, $until::date), $until::date)))
from customer_features
where enrolled_on < $until::date and list_contains($names, case when $kind = 'region' then region else channel end)
"""


def attempt(warehouse: Warehouse, measure: Measure) -> Attempt:
    """What came after the launch more than the groups it did not reach foretell, or why that cannot be told."""
    from analytics.models.launch import LEAST_AFTER, LEAST_BEFORE

    held = warehouse.present()
    if "enrolled_on" not in held.get("customers", ()) or "amount" not in held.get("transactions", ()):
        return _without("no_dates")
    launched = _day(warehouse.value(LAUNCHED))
    enrolled, first, last = (_day(found) for found in warehouse.row(FIRST_EVENT))
    before, after = (launched - first).days // WEEK, (last - launched).days // WEEK
    if enrolled < launched - timedelta(days=31) or before < LEAST_BEFORE or after < LEAST_AFTER:
        return _without("no_before", launched=launched.isoformat(), first=first.isoformat(), weeks=LEAST_BEFORE)
    return _compared(warehouse, measure, launched)


def _day(found: object) -> date:
    return pd.Timestamp(str(found)).date()


def _without(why: str, **facts: Any) -> Attempt:
    return Attempt(design="launch", lacking=why, facts=facts)


def _compared(warehouse: Warehouse, measure: Measure, launched: date) -> Attempt:
    from analytics.models.launch import launch

    groups = warehouse.frame(GROUPS)
    for kind in ("region", "channel"):
        names, spared = _sides(groups[groups["kind"] == kind])
        if not names or not spared:
            continue
        wide = _weekly(warehouse, measure, launched, kind)
        at = int((wide.index < pd.Timestamp(launched)).sum())
        series = wide.reindex(columns=spared, fill_value=0.0)
        series = series.loc[:, (series[:at] != 0).mean() >= STEADY]
        if series.shape[1]:
            reached = wide.reindex(columns=names, fill_value=0.0).sum(axis=1)
            found = launch(reached.to_numpy(float), series.to_numpy(float), at)
            return _claimed(warehouse, found, (reached, at), launched, {"groups": kind, "reached": names, "controls": list(series)})
    return _without("all_reached", groups=len(groups)) if len(groups) else _without("no_groups")


def _sides(groups: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Groups that the programme reached, and those it did not."""
    share = groups["members"] / groups["customers"]
    return groups.loc[share >= REACHED, "name"].tolist(), groups.loc[share <= SPARED, "name"].tolist()


def _weekly(warehouse: Warehouse, measure: Measure, launched: date, kind: str) -> pd.DataFrame:
    """Money by week and group; the weeks at both ends that are not whole are left out."""
    rows = warehouse.frame(WEEKS, launched=launched, kind=kind)
    wide = rows.pivot(index="week", columns="name", values=COLUMN[measure])
    weeks = pd.date_range(wide.index.min(), wide.index.max(), freq=f"{WEEK}D")
    return wide.reindex(weeks).fillna(0.0).iloc[1:-1]


def _claimed(warehouse: Warehouse, found: Launch, seen: tuple[pd.Series, int], launched: date, sides: dict[str, Any]) -> Attempt:
    from analytics.models import launch as model
    from analytics.models.evidence import Claim
    from analytics.results import Estimate

    reached, at = seen
    weeks = found.extra.n
    until = launched + timedelta(days=WEEK * weeks)
    members, days = warehouse.row(MEMBERS, launched=launched, until=until, names=sides["reached"], kind=sides["groups"])
    each = weeks * MONTH / max(float(str(days or 0)), 1.0)  # money a week of all -> money a member and month
    extra = found.extra
    effect = Estimate(value=extra.value * each, low=extra.low * each, high=extra.high * each, n=int(str(members)), unit=extra.unit)
    claim = Claim(
        design="launch",
        effect=effect,
        checks=model.checks(found),
        treated=int(str(members)),
        controls=len(sides["controls"]),
        first=launched,
        last=until - timedelta(days=1),
    )
    tables = {
        "launch": model.table(reached.to_numpy(float), found, at, pd.DatetimeIndex(reached.index)),
        "placebos_launch": _placebos(found, each),
    }
    return Attempt(
        design="launch", claim=claim, facts={"launched": launched.isoformat(), "weeks": weeks, "before": at, **sides}, tables=tables
    )


def _placebos(found: Launch, each: float) -> pd.DataFrame:
    half = (found.extra.high - found.extra.low) / 2 * each
    kinds = ["time"] * len(found.in_time) + ["space"] * len(found.in_space)
    value = np.concatenate([found.in_time, found.in_space]) * each
    return pd.DataFrame({"placebo": kinds, "value": value, "low": value - half, "high": value + half})
