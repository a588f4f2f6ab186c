"""Customers by months, as the design of staggered enrolment reads them: money, when they came, when they joined, what was known of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from analytics.studies.month_ends import whole_months

if TYPE_CHECKING:
    from analytics.warehouse import Warehouse

Measure = Literal["margin", "net_sales"]
LONGEST = 36  # months that are looked at, the last ones
MOST = 40_000  # customers that are looked at; of more, a seeded sample
WAYS = 3  # channels told apart, the most common ones
SEED = 6

MONEY = """-- what each customer brought in each month and channel
select customer_id, month, channel, orders, cast(case when $margin then margin else amount end as double) as money
from customer_months
"""

PEOPLE = """-- who was a customer: since when (before the data begins: null), when they joined, what was known of them as they came
select
    people.customer_id, people.region, people.acquisition_channel, firsts.channel,
    case
        when coalesce(firsts.old, people.created_on < data_begins.day, false) then null
        else cast(date_trunc('month', firsts.first_on) as date)
    end as came,
    cast(date_trunc('month', people.enrolled_on) as date) as joined,
    people.enrolled_on is null and coalesce(people.member, false) as undated
from customer_features as people
cross join data_begins
left join customer_firsts as firsts using (customer_id)
where firsts.customer_id is not null or people.created_on < data_begins.day
order by people.customer_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Months as whole numbers, year x 12 + month.

    people    a customer a row: customer (the row's number), came (before the first month: was there already), joined (0: not while the
              data lasts), and channel (of the first order), region, acquisition_channel where known
    months    the whole months of the data, at most LONGEST
    money     customers x months; orders: channel -> customers x months
    undated   members of whom it is not known when they joined: left out
    total     customers before the sample
    """

    people: pd.DataFrame
    months: np.ndarray
    money: np.ndarray
    orders: dict[str, np.ndarray]
    undated: int
    total: int

    def rows(self) -> pd.DataFrame:
        """A row a customer and month after they came: customer, month, money, joined and the covariates of `covariates`."""
        customers, months = self.money.shape
        flat = pd.DataFrame(
            {
                "customer": np.repeat(self.people["customer"].to_numpy(), months),
                "month": np.tile(self.months, customers),
                "money": self.money.ravel(),
                "joined": np.repeat(self.people["joined"].to_numpy(), months),
                **{name: values.ravel() for name, values in self.covariates().items()},
            }
        )
        kept: pd.DataFrame = flat[np.repeat(self.people["came"].to_numpy(), months) < flat["month"]]
        return kept

    def covariates(self) -> dict[str, np.ndarray]:
        """Customers x months, as known in that month: how long a customer, where they bought so far."""
        shape = self.money.shape
        tenure = np.log1p(np.clip(self.months[None, :] - self.people["came"].to_numpy()[:, None], 0, None))
        early = np.broadcast_to((self.people["came"] < self.months[0]).to_numpy(float)[:, None], shape)
        return {"tenure": tenure, "early": early, **self._shares()}

    def _shares(self) -> dict[str, np.ndarray]:
        """Share of the orders so far that came through each of the most common channels."""
        so_far = {name: np.cumsum(orders, axis=1) for name, orders in self.orders.items()}
        total = np.maximum(sum(so_far.values(), start=np.zeros(self.money.shape)), 1)
        common = sorted(so_far, key=lambda name: -so_far[name][:, -1].sum())[:WAYS]
        return {f"channel_{at}": so_far[name] / total for at, name in enumerate(common[: len(so_far) - 1])}

    def chosen(self, mask: np.ndarray) -> Panel:
        """These customers only."""
        return Panel(
            people=self.people[mask],
            months=self.months,
            money=self.money[mask],
            orders={name: orders[mask] for name, orders in self.orders.items()},
            undated=self.undated,
            total=self.total,
        )


def panel(warehouse: Warehouse, measure: Measure) -> Panel | None:
    """The panel of everybody who bought; None without a whole month."""
    people, whole = warehouse.frame(PEOPLE), whole_months(warehouse)
    if people.empty or not len(whole):
        return None
    undated = int(people["undated"].sum())
    people = people[~people["undated"]].drop(columns="undated")
    total, last = len(people), _number(whole)[-1]
    months = np.arange(max(_number(whole)[0], last - LONGEST + 1), last + 1)
    joined = _number(people["joined"]).fillna(0).astype(int)
    came = _number(people["came"]).fillna(months[0] - 1).astype(int)
    people = people.assign(came=came, joined=joined.where(joined <= last, 0))[came <= last]
    people = people.sample(min(MOST, len(people)), random_state=SEED).sort_index()
    people = people.assign(customer=np.arange(len(people)))
    money = warehouse.frame(MONEY, margin=measure == "margin")
    money = money.assign(row=money["customer_id"].map(people.set_index("customer_id")["customer"]), at=_number(money["month"]) - months[0])
    money = money[money["row"].notna() & money["at"].between(0, len(months) - 1)]
    shape = (len(people), len(months))
    return Panel(
        people=people,
        months=months,
        money=_spread(money, "money", shape),
        orders={str(name): _spread(part, "orders", shape) for name, part in money.groupby(money["channel"].fillna(""))},
        undated=undated,
        total=total,
    )


def month_of(number: int) -> date:
    """The first day of a month given as year x 12 + month."""
    return date((number - 1) // 12, (number - 1) % 12 + 1, 1)


def _number(days: pd.Series | pd.DatetimeIndex) -> Any:
    """Years x 12 + months."""
    dated = days.dt if isinstance(days, pd.Series) else days
    return dated.year * 12 + dated.month


def _spread(rows: pd.DataFrame, column: str, shape: tuple[int, int]) -> np.ndarray:
    cell = rows["row"].to_numpy(np.int64) * shape[1] + rows["at"].to_numpy(np.int64)
    return np.bincount(cell, rows[column].fillna(0).to_numpy(float), shape[0] * shape[1]).reshape(shape)
