"""Customers drawn by lot and what they did: before they were drawn and from then on, everybody in the arm they were drawn for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from analytics.results import Unit

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

Measure = Literal["margin", "net_sales"]
COLUMN: dict[Measure, str] = {"margin": "margin", "net_sales": "amount"}

BEFORE = ("money_before", "orders_before", "money_year", "orders_year")
LEVELS = ("none", "low", "middle", "high")
LEAST_BEFORE = 28  # days of data before the lot, from which on they are a past to adjust for
_WORDS = re.compile(
    r"control|hold[ _-]?out|withh[eo]ld|baseline|placebo|\bno[ _-](offer|contact|treatment|campaign|mail)|对照|保留|空白|不发送|不参与"
)
_EXACT = frozenset({"0", "false", "no", "c", "ctrl", "off", "none"})

EXPERIMENTS = """-- every experiment's arms: how many were drawn, from when to when it counts; who stands in two arms is in none
with people as (
    select
        experiment_id, customer_id, any_value(arm) as arm, count(distinct arm) as arms,
        min(coalesce(starts_on, cast(assigned_at as date))) as first_on, max(ends_on) as ends_on
    from experiments where experiment_id is not null and arm is not null group by experiment_id, customer_id
)
select
    experiment_id, arm, count(*) filter (arms = 1) as customers, count(*) filter (arms > 1) as moved,
    min(first_on) as first_on, least(max(coalesce(ends_on, $as_of::date)), $as_of::date) as last_on, max(ends_on) as ends_on
from people group by experiment_id, arm order by experiment_id, arm
"""

_DRAWN = """drawn as (
    select
        customer_id, any_value(arm) as arm,
        greatest(min(coalesce(starts_on, cast(assigned_at as date))), (select day from data_begins)) as first_on,
        least(coalesce(max(ends_on), $as_of::date), $as_of::date) as last_on
    from experiments where experiment_id = $experiment and arm is not null
    group by customer_id having count(distinct arm) = 1
    union all
    select
        customer_id, case when holdout then 'holdout' else 'programme' end,
        greatest($first::date, created_on, (select day from data_begins)), $as_of::date
    from customers where $experiment is null and holdout is not null
)"""

OUTCOMES = f"""-- each customer of a lot: what they brought, ordered and cost from then on, and before (in as many days, in a year)
with {_DRAWN},
windows as (
    select *, cast(last_on - first_on as integer) + 1 as days from drawn where first_on <= last_on
),
orders as (
    select
        customer_id, cast(occurred_at as date) >= first_on as after, cast(occurred_at as date) >= first_on - days as close,
        case when transaction_id is null then count(*) filter (kind = 'sale') else least(count(*) filter (kind = 'sale'), 1) end as orders,
        sum(case when $margin then margin else amount end) as money
    from transactions join windows using (customer_id)
    where occurred_at >= first_on - greatest(days, 365) and occurred_at < last_on + interval 1 day
    group by customer_id, first_on, days, cast(occurred_at as date), transaction_id
),
bought as (
    select
        customer_id, sum(money) filter (after) as money, sum(orders) filter (after) as orders,
        sum(money) filter (close and not after) as money_before, sum(orders) filter (close and not after) as orders_before,
        sum(money) filter (not after) as money_year, sum(orders) filter (not after) as orders_year
    from orders group by customer_id
),
sent as (
    select customer_id, sum(cost) as contact_cost, count(*) as contacts
    from contacts join windows using (customer_id)
    where occurred_at >= first_on and occurred_at < last_on + interval 1 day group by customer_id
),
rewards as (
    select customer_id, sum(abs(cost)) as reward_cost
    from points join windows using (customer_id)
    where points.kind = 'redeem' and occurred_at >= first_on and occurred_at < last_on + interval 1 day group by customer_id
)
select
    customer_id, arm, first_on, last_on, days,
    coalesce(money, 0)::double as money, coalesce(orders, 0)::double as orders,
    coalesce(money_before, 0)::double as money_before, coalesce(orders_before, 0)::double as orders_before,
    coalesce(money_year, 0)::double as money_year, coalesce(orders_year, 0)::double as orders_year,
    coalesce(contacts, 0)::integer as contacts, coalesce(contact_cost, 0)::double as contact_cost,
    coalesce(reward_cost, 0)::double as reward_cost
from windows left join bought using (customer_id) left join sent using (customer_id) left join rewards using (customer_id)
order by customer_id
"""

STANDING = f"""-- where each customer of a lot stood when it was drawn: tier in force, channel most used in the year before, region
with {_DRAWN},
tier as (
    select customer_id, arg_max(tier, valid_from) as tier
    from tiers join drawn using (customer_id)
    where valid_from < first_on and coalesce(valid_to >= first_on - 1, true) group by customer_id
),
used as (
    select customer_id, channel, count(*) as lines
    from transactions join drawn using (customer_id)
    where channel is not null and occurred_at < first_on and occurred_at >= first_on - 365 group by customer_id, channel
),
channel as (select customer_id, arg_max(channel, (lines, channel)) as channel from used group by customer_id)
select customer_id, tier.tier, channel.channel, customers.region
from drawn left join tier using (customer_id) left join channel using (customer_id) left join customers using (customer_id)
order by customer_id
"""

RANKS = """-- the order of the tiers, where it is known
select tier, min(rank)::integer as rank from tier_rules where tier is not null and rank is not null group by tier
"""

BEGINS = """-- the first day of sales
select day from data_begins
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """An experiment, or the flag of those withheld, as it was drawn and as it went.

    experiment   its id, None for the flag; control: the arm without it; arms: the others, by name
    people       one row a customer, as OUTCOMES tells
    first, last  the window of the outcomes; months: its mean length, of 30.4375 days; past: days known before it, at most as many
    """

    experiment: str | None
    control: str
    arms: tuple[str, ...]
    people: pd.DataFrame
    first: date
    last: date
    past: int

    @property
    def months(self) -> float:
        return float(self.people["days"].mean()) / 30.4375

    @property
    def treated(self) -> np.ndarray:
        return np.asarray(self.people["arm"] != self.control)

    @property
    def counts(self) -> tuple[int, list[int]]:
        """Customers in the control arm, and in each of the others."""
        sizes = self.people["arm"].value_counts()
        return int(sizes.get(self.control, 0)), [int(sizes.get(arm, 0)) for arm in self.arms]

    @property
    def before(self) -> np.ndarray | None:
        """What was known of each customer before the lot, to adjust for; None where the data begins too late."""
        if self.past < LEAST_BEFORE:
            return None
        return self.people[list(BEFORE)].to_numpy(float)

    def levels(self) -> list[str | None]:
        """Each customer's spending before the lot: none, or the lower, middle or upper third of those who spent."""
        money = self.people["money_before"]
        if self.before is None:
            return [None] * len(money)
        place = money[money > 0].rank(pct=True).reindex(money.index)
        return [LEVELS[0] if known != known else LEVELS[min(int(3 * known - 1e-9), 2) + 1] for known in place]


def measure_of(warehouse: Warehouse) -> Measure:
    """The column of money: contribution margin where the data knows it."""
    return "margin" if "margin" in warehouse.present().get("transactions", frozenset()) else "net_sales"


def control_of(arms: list[str], told: str = "") -> str | None:
    """The control arm: as told, else the only one whose name says so."""
    if told in arms:
        return told
    named = [arm for arm in arms if arm.strip().lower() in _EXACT or _WORDS.search(arm.lower())]
    return named[0] if len(named) == 1 else None


def drawn(
    warehouse: Warehouse, experiment: str | None, control: str, arms: tuple[str, ...], measure: Measure, first: date | None = None
) -> Lot | None:
    """The lot with what became of it; `first`: the day the flag counts from. None while nobody's window has begun."""
    days = {"experiment": experiment, "first": first, "as_of": warehouse.as_of}
    people = warehouse.frame(OUTCOMES, **days, margin=measure == "margin")
    if people.empty:
        return None
    begins, opens = warehouse.value(BEGINS), people["first_on"].min().date()
    past = min((opens - begins).days, round(people["days"].mean())) if isinstance(begins, date) else 0
    last = people["last_on"].max().date()
    return Lot(experiment=experiment, control=control, arms=arms, people=people, first=opens, last=last, past=past)


def standing(warehouse: Warehouse, lot: Lot, first: date | None = None) -> dict[str, list[str | None]]:
    """Groups known before the lot: level, tier, region, channel -> a value a customer; those without any value are left out."""
    rows = warehouse.frame(STANDING, experiment=lot.experiment, first=first, as_of=warehouse.as_of)
    rows = rows.set_index("customer_id").reindex(lot.people["customer_id"])
    told = {name: [str(value) if isinstance(value, str) else None for value in rows[name]] for name in ("tier", "region", "channel")}
    return {name: values for name, values in {"level": lot.levels(), **told}.items() if any(value is not None for value in values)}


def groups(warehouse: Warehouse, lot: Lot, money: np.ndarray, first: date | None = None) -> pd.DataFrame:
    """The effect on `money` by group (see models.experiment.by_group): levels and tiers in their order, others by their effect."""
    from analytics.models.experiment import by_group

    told = by_group(money, lot.treated, lot.before, standing(warehouse, lot, first), unit=Unit.MONEY)
    ranks = {str(tier): int(rank) for tier, rank in warehouse.frame(RANKS).itertuples(index=False)}
    place = {"level": {level: at for at, level in enumerate(LEVELS)}, "tier": ranks}
    dimensions = list(dict.fromkeys(told["dimension"]))
    rows = zip(told["dimension"], told["group"], told["effect"], strict=True)
    order = [(dimensions.index(dimension), place.get(dimension, {}).get(group, 0), -effect) for dimension, group, effect in rows]
    return told.iloc[sorted(range(len(told)), key=lambda at: order[at])].reset_index(drop=True)
