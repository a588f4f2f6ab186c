"""What the study `allocation` reads: the budget by tier and segment, and the response to rewards where a lottery tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.results import Estimate, Note, Unit
from analytics.studies.campaigns_data import contrasts, tested
from analytics.studies.experiments_data import measure_of
from analytics.studies.given import given
from analytics.studies.tier_order import tiers_in_order

if TYPE_CHECKING:
    from analytics.models.allocation import Cells
    from analytics.studies.campaigns_data import Tested
    from analytics.studies.given import Given
    from analytics.warehouse import Warehouse

DIMENSIONS = ("acquisition_channel", "region", "channel", "industry")  # never who a person is: money is not dealt out by gender or age
SPEND = "spend"
BANDS = ("low", "middle", "high")  # thirds of a tier by what was brought
MOST, LEAST = 8, 30  # segments told apart in a tier; customers of one
OTHER, WHOLE = "other", "all"
MOST_ELASTIC = 0.9  # a response that does not flatten would put everything into one segment

GIVEN = """-- rewards of an experiment: benefits by its name, and what they cost each customer who was drawn
select customer_id, sum(cost)::double as cost
from benefits where benefit = $experiment and cost is not null group by customer_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Customers with what they received and brought, and the cells they are in.

    people     as `given` tells, with `budget`, `tier`, `segment` and `cell` (row of `table`)
    table      a row a cell: tier, segment, customers, budget, brought, rate; from the lowest tier
    tiers      from the lowest; (WHOLE,) without tiers: then each segment is a group of its own
    dimension  of the segments
    source     received (redeemed rewards and benefits) or granted (points earned), where nothing was redeemed
    """

    people: pd.DataFrame
    table: pd.DataFrame
    tiers: tuple[str, ...]
    dimension: str
    source: str
    found: Given

    @property
    def tiered(self) -> bool:
        return self.tiers != (WHOLE,)

    @property
    def groups(self) -> list[str]:
        """Who is to be treated alike: tiers, or segments where there are none."""
        return list(self.tiers) if self.tiered else self.table["segment"].tolist()

    @property
    def group(self) -> np.ndarray:
        """(cells,) place in `groups`."""
        return np.array([self.groups.index(name) for name in self.table["tier" if self.tiered else "segment"]], np.int64)


def dimensions(people: pd.DataFrame) -> list[str]:
    """Those of which enough customers of two values and more are known; what was brought always is."""
    return [*(name for name in DIMENSIONS if (people[name].value_counts() >= LEAST).sum() > 1), SPEND]


def budget(warehouse: Warehouse, asked: str) -> Budget | Note:
    """The budget of the last year by tier and segment, or why there is none."""
    found = given(warehouse)
    if found is None:
        return Note(key="allocation.refused.no_dates")
    people, source = found.people, next((name for name in ("received", "granted") if found.people[name].sum() > 0), "")
    if not source:
        return Note(key="allocation.refused.no_rewards")
    tiered = people["tier"].notna().any()
    people = (found.tiered if tiered else people.assign(tier=WHOLE)).assign(budget=lambda rows: rows[source])
    if len(people) < LEAST:
        return Note(key="allocation.refused.few", facts={"n": len(people), "least": LEAST})
    if not (people["brought"].sum() > 0 and people["budget"].sum() > 0):
        return Note(key="allocation.refused.nothing_brought")
    named = set(people["tier"])
    tiers = tuple(name for name in tiers_in_order(warehouse) if name in named) if tiered else (WHOLE,)
    known = dimensions(people)
    dimension = asked if asked in known else known[0]
    people["segment"] = _segments(people, dimension)
    table = _table(people, tiers)
    if len(table) < 2:
        return Note(key="allocation.refused.one_segment")
    people["cell"] = pd.MultiIndex.from_frame(table[["tier", "segment"]]).get_indexer(pd.MultiIndex.from_frame(people[["tier", "segment"]]))
    return Budget(people=people, table=table, tiers=tiers, dimension=dimension, source=source, found=found)


def _segments(people: pd.DataFrame, dimension: str) -> pd.Series:
    """The segment of each customer; of few customers in a tier, `other`."""
    if dimension == SPEND:
        place = people.groupby("tier")["brought"].rank(method="first", pct=True)
        return pd.Series(np.array(BANDS)[np.minimum((place * len(BANDS)).to_numpy().astype(int), len(BANDS) - 1)], index=people.index)
    text = people[dimension].fillna("").astype(str)
    common = text.where(text.isin(text.value_counts().head(MOST).index) & (text != ""), OTHER)
    enough = common.groupby([people["tier"], common]).transform("size") >= LEAST
    return common.where(enough, OTHER)


def _table(people: pd.DataFrame, tiers: tuple[str, ...]) -> pd.DataFrame:
    sums = people.groupby(["tier", "segment"], sort=True).agg(
        customers=("customer_id", "size"), budget=("budget", "sum"), brought=("brought", "sum")
    )
    table = sums.reset_index()
    place = {name: at for at, name in enumerate(tiers)}
    bands = {name: at for at, name in enumerate(BANDS)}
    order = table.assign(at=table["tier"].map(place), band=table["segment"].map(bands)).sort_values(
        ["at", "band", "segment"], kind="stable"
    )
    table = order.drop(columns=["at", "band"]).reset_index(drop=True)
    rate = np.divide(table["budget"], table["brought"], out=np.full(len(table), np.nan), where=(table["brought"] > 0).to_numpy())
    return table.assign(rate=rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """How what customers bring answers to the budget.

    elasticity   at the present budget; factor: it lies within so many times, up or down, with 95 %
    experiment   the lottery that tells it, and what it found a unit of reward to bring; None where it is assumed
    """

    elasticity: float
    factor: float
    experiment: str | None = None
    brings: Estimate | None = None


def response(warehouse: Warehouse, found: Budget, assumed: float, factor: float) -> Response:
    """Measured by a lottery over rewards where one is on file and beyond chance, else as assumed."""
    rate = found.table["budget"].sum() / found.table["brought"].sum()
    for one in _lotteries(warehouse, found):
        brings = _brings(warehouse, one)
        if brings is not None and brings.low > 0:
            wide = max(brings.value / brings.low, brings.high / brings.value)
            return Response(elasticity=min(brings.value * rate, MOST_ELASTIC), factor=wide, experiment=one.experiment, brings=brings)
    return Response(elasticity=assumed, factor=factor)


def _lotteries(warehouse: Warehouse, found: Budget) -> list[Tested]:
    """Experiments that can be read, where rewards and what is brought are money."""
    if not found.found.priced or found.found.brought not in ("margin", "net_sales") or "benefits" not in warehouse.present():
        return []
    return [one for one in tested(warehouse, measure_of(warehouse)) if one.lot is not None]


def _brings(warehouse: Warehouse, one: Tested) -> Estimate | None:
    """What a unit of the rewards that a lottery dealt out brought: the effect over the cost, a customer; None where it dealt out none."""
    if one.lot is None:
        return None
    people = one.lot.people.merge(warehouse.frame(GIVEN, experiment=one.experiment), on="customer_id", how="left").fillna({"cost": 0.0})
    cost = people.loc[one.lot.treated, "cost"].mean() - people.loc[~one.lot.treated, "cost"].mean()
    if not cost > 0:
        return None
    effect = contrasts(one.lot, measure_of(warehouse))["money"].effect
    value, low, high = (end / cost for end in (effect.value, effect.low, effect.high))
    return Estimate(value=value, low=low, high=high, n=len(people), unit=Unit.RATIO, level=effect.level)


def cells(found: Budget, answered: Response, tilt: float) -> Cells:
    """The cells as the model reads them; tilt: by how much more the highest group responds than the middle one, the lowest less."""
    from analytics.models.allocation import Cells

    group, last = found.group, max(len(found.groups) - 1, 1)
    lean = 1 + tilt * (2 * group / last - 1) if found.tiered and answered.experiment is None else np.ones(len(group))
    budgets, brought = (found.table[name].to_numpy(float) for name in ("budget", "brought"))
    return Cells(budget=budgets, brought=brought, group=group, elasticity=np.minimum(answered.elasticity * lean, MOST_ELASTIC))


def options(warehouse: Warehouse) -> Mapping[str, Any]:
    found = given(warehouse)
    return dict.fromkeys(dimensions(found.people)) if found is not None else {}
