"""Members who joined within a few months, and customers who had not by the end, as both were known before: for the design `adjusted`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.models.adjusted import Comparison
from analytics.studies.effect_panel import Measure

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

COLUMN = {"margin": "margin", "net_sales": "amount"}
BEFORE, ENOUGH_BEFORE, LEAST_BEFORE = 9, 6, 4  # whole months of history: at most, wanted, needed; the one next to joining is not used
AFTER, LEAST_AFTER = 6, 3
JUST_BEFORE = 2  # months before joining that are the placebo's outcome
WIDEST = 3  # months of joining taken together
RARE = 0.02  # values of fewer customers are taken together
LEAST = 100  # customers a side

MONTHS = """-- whole months of the data and who joined in each: month, joined
with span as (
    select
        (date_trunc('month', min(first_on) - 1) + interval 1 month)::date as first_month,
        (date_trunc('month', (select day + 1 from as_of_day)) - interval 1 month)::date as last_month
    from customer_months
),
months as (
    select unnest(generate_series(first_month, last_month, interval 1 month))::date as month from span
)
select month, count(customer_id) as joined
from months left join customers on date_trunc('month', enrolled_on)::date = month
group by month order by month
"""

WHO = """-- customers who bought before $known, and joined in the window or not before the end; what was known of them then
with bought as (
    select
        customer_id, min(first_on) as first_on, max(last_on) filter (month < $known::date) as last_on,
        arg_max(channel, (lines, channel)) as channel, sum(discount) / nullif(sum(discount) + sum(amount), 0) as discount_share
    from (
        select
            customer_id, month, channel, first_on, last_on, discount, amount,
            sum(lines) over (partition by customer_id, channel) as lines
        from customer_months where month < $known::date
    )
    group by customer_id
)
select
    customer_id, customers.enrolled_on is not null and customers.enrolled_on < $ends::date as treated,
    case when customers.enrolled_on < $ends::date then date_trunc('month', customers.enrolled_on)::date end as joined,
    date_diff('day', bought.last_on, $known::date)::double as last_purchase,
    date_diff('day', bought.first_on, $known::date)::double as tenure,
    coalesce(bought.discount_share, 0)::double as discount_share,
    bought.channel, customers.region, customers.gender, customers.acquisition_channel, customers.industry,
    (year($known::date) - customers.birth_year)::double as age
from bought join customers using (customer_id)
where bought.last_on is not null
    and coalesce(customers.enrolled_on >= $opens::date, true)
    and coalesce(customers.enrolled_on < $ends::date or customers.enrolled_on >= $until::date, coalesce(customers.member, false) = false)
order by customer_id
"""

MONEY = """-- money and orders by customer and month
select customer_id, month, sum(amount)::double as amount, sum(margin)::double as margin, sum(orders)::double as orders
from customer_months where month >= $since::date and month < $until::date
group by customer_id, month
"""

OFFERS = """-- values of the acquisition channel among members, and whether others joined while they did
with joined as (
    select acquisition_channel as offer, date_trunc('month', enrolled_on)::date as month
    from customers where enrolled_on is not null and acquisition_channel is not null
),
offers as (
    select offer, count(*) as joined, min(month) as first, max(month) as last from joined group by offer
)
select
    offer, joined, first, last,
    (select count(*) from joined where joined.offer <> offers.offer and month between offers.first and offers.last) as otherwise
from offers order by offer
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """First months: of what is known before, of joining, of the outcomes; and the month after the last outcome. `known` is the first month
    that is not looked at before joining: those who will join may already behave otherwise in it."""

    since: pd.Timestamp
    known: pd.Timestamp
    opens: pd.Timestamp
    ends: pd.Timestamp
    until: pd.Timestamp
    joined: int

    @property
    def before(self) -> list[pd.Timestamp]:
        return list(pd.date_range(self.since, self.known, freq="MS", inclusive="left"))

    @property
    def after(self) -> int:
        return len(pd.date_range(self.ends, self.until, freq="MS", inclusive="left"))


def window(months: pd.DataFrame) -> Window | None:
    """Up to three months of joining with enough whole months before and after, the ones with most joiners; None when there are none.

    Why  six months before show more of who joins than four, so that four are made do with only where six cannot be had
    """
    for before in (ENOUGH_BEFORE, LEAST_BEFORE):
        for width in range(WIDEST, 0, -1):
            found = [_window(months, at, width) for at in range(before, len(months) - width - LEAST_AFTER + 1)]
            if found and (best := max(found, key=lambda one: one.joined)).joined > 0:
                return best
    return None


def _window(months: pd.DataFrame, at: int, width: int) -> Window:
    days = pd.DatetimeIndex(months["month"])
    month = pd.DateOffset(months=1)
    return Window(
        since=days[max(0, at - BEFORE)],
        known=days[at - 1],
        opens=days[at],
        ends=days[at + width - 1] + month,
        until=days[min(len(days), at + width + AFTER) - 1] + month,
        joined=int(months["joined"].iloc[at : at + width].sum()),
    )


def compared(warehouse: Warehouse, when: Window, measure: Measure) -> Comparison:
    """The outcome after joining against what was known before."""
    who, wide = _known(warehouse, when, measure)
    past = [(f"{name}_{day:%Y%m}", wide[name][day]) for name in ("money", "orders") for day in when.before]
    after = wide["money"].loc[:, when.ends :].sum(axis=1) / when.after
    return comparison(who, pd.DataFrame(dict(past), index=who.index), after.to_numpy(float))


def placebo(warehouse: Warehouse, when: Window, measure: Measure) -> Comparison:
    """The last months before each one's own joining as the outcome, against what was known before them.

    Why  a reason to join that rises towards the day shows there most; months that lie further back have not seen it yet
    """
    earlier = replace(when, known=when.opens - pd.DateOffset(months=JUST_BEFORE))
    who, wide = _known(warehouse, earlier, measure)
    past = [(f"{name}_{day:%Y%m}", wide[name][day]) for name in ("money", "orders") for day in earlier.before]
    return comparison(who, pd.DataFrame(dict(past), index=who.index), just_before(wide["money"], who["joined"]))


def just_before(money: pd.DataFrame, joined: pd.Series) -> np.ndarray:
    """Money a month just before joining, less what those who did not join brought in the same months; theirs as often as each month of
    joining occurs.

    Shapes  money customers x months; joined the first day of each one's month of joining, missing for the others
    """
    others, shares = joined.isna(), joined.value_counts(normalize=True)
    outcome = pd.Series(0.0, index=money.index)
    for month, share in shares.items():
        day = pd.Timestamp(str(month))
        span = money.loc[:, day - pd.DateOffset(months=JUST_BEFORE) : day - pd.DateOffset(months=1)].mean(axis=1)
        apart = span - span[others].mean()
        outcome += apart * np.where(others, share, joined == day)
    return outcome.to_numpy(float)


def _known(warehouse: Warehouse, when: Window, measure: Measure) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Who is compared, and their money and orders: customers x months."""
    days = {name: getattr(when, name).date() for name in ("known", "opens", "ends", "until")}
    who = warehouse.frame(WHO, **days).set_index("customer_id")
    rows = warehouse.frame(MONEY, since=when.since.date(), until=when.until.date()).rename(columns={COLUMN[measure]: "money"})
    months = pd.date_range(when.since, when.until, freq="MS", inclusive="left")
    wide = {name: rows.pivot(index="customer_id", columns="month", values=name) for name in ("money", "orders")}
    return who, {name: table.reindex(index=who.index, columns=months).fillna(0.0) for name, table in wide.items()}


def comparison(who: pd.DataFrame, past: pd.DataFrame, outcome: np.ndarray) -> Comparison:
    """Customers of kinds that join at all, with numeric covariates and the name of each."""
    treated = who["treated"].to_numpy(bool)
    texts = who[["channel", "region", "gender", "acquisition_channel", "industry"]].fillna("").astype(str).apply(_few_values)
    kinds = [texts[name].isin(texts[name][treated]) for name in texts]
    keep = np.logical_and.reduce(kinds)
    numbers = who[["last_purchase", "tenure", "discount_share", "age"]]
    gaps = numbers.isna().loc[:, numbers[keep].isna().any()].astype(float).add_suffix("_unknown")
    parts = [past, numbers.fillna(numbers.median()).fillna(0.0), gaps, pd.get_dummies(texts, dtype=float)]
    covariates = pd.concat(parts, axis=1)[keep]
    covariates = covariates.loc[:, covariates.nunique() > 1]
    return Comparison(
        outcome=outcome[keep], treated=treated[keep], covariates=covariates, groups=_groups([str(name) for name in covariates])
    )


def _few_values(column: pd.Series) -> pd.Series:
    """Rare values taken together, so that each stands for enough customers."""
    share = column.map(column.value_counts(normalize=True))
    return column.where(share >= RARE, "…")


GROUPS = (
    "money",
    "orders",
    "last_purchase",
    "tenure",
    "discount_share",
    "age",
    "channel",
    "region",
    "gender",
    "acquisition_channel",
    "industry",
)


def group_of(column: str) -> str:
    """The covariate a column belongs to."""
    return next(name for name in GROUPS if column.startswith(name))


def _groups(columns: list[str]) -> dict[str, tuple[str, ...]]:
    found = {name: tuple(column for column in columns if group_of(column) == name) for name in GROUPS}
    return {name: mine for name, mine in found.items() if mine}
