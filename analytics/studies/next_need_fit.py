"""What is kept of the next need: how each way of naming did on purchases it had not seen, and three categories for every customer.

Facts    refused (what is missing, or null), categories, chosen, rule (the best simple one), weight (of the own habit), expected, split,
         sample (customers learnt from) of customers
Tables   rates     method, within (1, 3), value, low, high, n
         gains     method, other, within, value, low, high, n: paired differences of the rates
         follows   before, category, share (of the purchases after one with `before`), usual (of all purchases)
         scores    customer_id, first, second, third (category), probability, second_probability, third_probability; p0, p1 ... the
                   probabilities of the first TOLD categories: that the next purchase holds them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.results import Estimate

if TYPE_CHECKING:
    from analytics.models.next_need import Habit, Holdout, Known, Purchases
    from analytics.warehouse import Warehouse

LEAST_CATEGORIES = 4  # fewer, and three guesses are nearly always right
LEAST_BUYERS = 30  # customers of a category that is named
LEAST_RETURNS = 100  # customers who came back in the days kept apart
MOST_CATEGORIES = 40
TOLD = 12  # categories whose probability is kept for everybody
MOST_LEARNT = 200_000  # customers
BATCH = 250_000  # customers scored at a time
NAMED = ("first", "second", "third")
CHANCES = ("probability", "second_probability", "third_probability")
APART = 90  # days kept apart to judge, at most; a quarter of a shorter history

CATEGORIES = """-- categories by customers who bought them
select category, count(distinct customer_id) as customers
from transactions
where kind = 'sale' and category is not null and occurred_at < (select day + interval 1 day from as_of_day)
group by category having count(distinct customer_id) >= $least
order by customers desc, category limit $most
"""

BUYERS = """-- customers who bought in these categories
select count(distinct customer_id) as customers
from transactions
where kind = 'sale' and list_contains($categories::varchar[], category) and occurred_at < (select day + interval 1 day from as_of_day)
"""

PURCHASES = """-- what was bought on which day, by a sample of the customers drawn by their ids
select distinct customer_id, cast(occurred_at as date) as day, list_position($categories::varchar[], category) - 1 as code
from transactions
where kind = 'sale' and list_contains($categories::varchar[], category) and occurred_at < (select day + interval 1 day from as_of_day)
  and hash('next need' || customer_id) % 1000000 < $millionths
order by customer_id, day, code
"""

KNOWN = """-- what each customer of a batch has bought how often, and on the last day
with bought as (
    select distinct customer_id, cast(occurred_at as date) as day, list_position($categories::varchar[], category) - 1 as code
    from transactions
    where kind = 'sale' and list_contains($categories::varchar[], category)
      and occurred_at < (select day + interval 1 day from as_of_day) and hash(customer_id) % $batches = $batch
),
days as (
    select customer_id, count(distinct day) as purchases, max(day) as last_day from bought group by customer_id
)
select customer_id, code, count(*) as bought, any_value(purchases) as purchases, bool_or(day = last_day) as last
from bought
join days using (customer_id)
group by customer_id, code
order by customer_id, code
"""


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Learn, judge, name. Too little data is a fact, not an error."""
    from analytics.models import next_need as model

    tell("reading", 0, 1)
    categories = [str(name) for name in warehouse.frame(CATEGORIES, least=LEAST_BUYERS, most=MOST_CATEGORIES)["category"]]
    if len(categories) < LEAST_CATEGORIES:
        return _refused("few_categories", n=len(categories), least=LEAST_CATEGORIES, buyers=LEAST_BUYERS)
    customers = int(warehouse.frame(BUYERS, categories=categories)["customers"][0])
    purchases = _purchases(warehouse, categories, customers)
    tell("judging", 0, 1)
    split = int(purchases.day.max()) + 1 - int(min(APART, (purchases.day.max() - purchases.day.min() + 1) // 4))
    judged = model.holdout(purchases, split)
    if judged is None or len(judged.places[model.MODEL]) < LEAST_RETURNS:
        n = 0 if judged is None else len(judged.places[model.MODEL])
        return _refused("few_returns", n=n, least=LEAST_RETURNS, split=_day(split))
    habit = model.learn(purchases)
    scores = _scores(warehouse, categories, customers, judged.chosen, habit, tell)
    facts = {
        "refused": None,
        "categories": categories,
        "chosen": judged.chosen,
        "rule": judged.rule,
        "weight": habit.weight,
        "expected": judged.expected,
        "split": _day(split),
        "sample": len(np.unique(purchases.customer)),
        "customers": customers,
    }
    return Fitted(facts=facts, tables={**_judged(judged), "follows": _follows(habit, categories), "scores": scores})


FIT = Fit(id="next_need", steps=("reading", "judging", "naming"), make=make)


def _refused(why: str, **facts: object) -> Fitted:
    return Fitted(facts={"refused": {"key": f"next_need.refused.{why}", "facts": facts}})


def _day(number: int) -> str:
    return (pd.Timestamp(0) + timedelta(days=number)).date().isoformat()


def _purchases(warehouse: Warehouse, categories: list[str], customers: int) -> Purchases:
    from analytics.models.next_need import Purchases

    millionths = ceil(min(1.0, MOST_LEARNT / customers) * 1_000_000)
    rows = warehouse.frame(PURCHASES, categories=categories, millionths=millionths)
    customer = pd.factorize(rows["customer_id"])[0]
    day = (rows["day"] - pd.Timestamp(0)).dt.days.to_numpy()
    fresh = np.append(True, (customer[1:] != customer[:-1]) | (day[1:] != day[:-1]))
    baskets = np.zeros((int(fresh.sum()), len(categories)), bool)
    baskets[np.cumsum(fresh) - 1, rows["code"].to_numpy(int)] = True
    return Purchases(customer=customer[fresh], day=day[fresh], baskets=baskets)


def _scores(warehouse: Warehouse, categories: list[str], customers: int, method: str, habit: Habit, tell: Tell) -> pd.DataFrame:
    """Three categories for every customer, batch by batch."""
    batches, parts = ceil(customers / BATCH), []
    for batch in range(batches):
        tell("naming", batch, batches)
        ids, state = _known(warehouse.frame(KNOWN, categories=categories, batches=batches, batch=batch), len(categories))
        parts.append(_named(ids, state, categories, method, habit))
    return pd.concat(parts, ignore_index=True)


def _known(rows: pd.DataFrame, k: int) -> tuple[pd.Index, Known]:
    from analytics.models.next_need import Known

    customer, ids = pd.factorize(rows["customer_id"])
    counts, last = np.zeros((len(ids), k)), np.zeros((len(ids), k), bool)
    code = rows["code"].to_numpy(int)
    counts[customer, code], last[customer, code] = rows["bought"], rows["last"]
    purchases = np.zeros(len(ids))
    purchases[customer] = rows["purchases"]
    return pd.Index(ids), Known(counts=counts, purchases=purchases, last=last)


def _named(ids: pd.Index, state: Known, categories: list[str], method: str, habit: Habit) -> pd.DataFrame:
    """One row a customer."""
    from analytics.models.next_need import PLACES, probabilities, ranked

    likely = probabilities(habit, state).astype(np.float32)
    order = ranked(method, habit, state)[:, :PLACES]
    named = {name: pd.Categorical.from_codes(order[:, at].tolist(), pd.Index(categories)) for at, name in enumerate(NAMED)}
    chances = np.take_along_axis(likely, order, axis=1)
    told = {**dict(zip(CHANCES, chances.T, strict=True)), **{f"p{code}": likely[:, code] for code in range(min(TOLD, len(categories)))}}
    return pd.DataFrame({"customer_id": ids, **named, **told})


def _judged(judged: Holdout) -> dict[str, pd.DataFrame]:
    from analytics.models.next_need import MODEL, PLACES, RULES

    names, within = (MODEL, *reversed(RULES)), (1, PLACES)
    rates = [{"method": name, "within": w, **_interval(judged.rate(name, w))} for name in names for w in within]
    pairs = [(judged.chosen, name) for name in names if name != judged.chosen] + [(MODEL, judged.rule)]
    gains = [{"method": a, "other": b, "within": w, **_interval(judged.gain(a, b, w))} for a, b in dict.fromkeys(pairs) for w in within]
    return {"rates": pd.DataFrame(rates), "gains": pd.DataFrame(gains)}


def _interval(estimate: Estimate) -> dict[str, float]:
    return {name: value for name, value in asdict(estimate).items() if name in ("value", "low", "high", "n")}


def _follows(habit: Habit, categories: list[str]) -> pd.DataFrame:
    k = len(categories)
    return pd.DataFrame(
        {
            "before": np.repeat(categories, k),
            "category": np.tile(categories, k),
            "share": habit.follows.ravel(),
            "usual": np.tile(habit.share, k),
        }
    )
