"""From the list to the answer: a test is drawn and kept, time passes, what comes is imported, and the effect that was there is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from analytics import assign, jobs
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.studies import campaigns, effect_experiment, holdout
from analytics.studies.holdout import Params
from analytics.warehouse import Warehouse

N, ADDED = 400, 6.0  # customers, and what the programme adds to each treated one a month
RNG = np.random.default_rng(11)
LEVEL = RNG.gamma(2.0, 15.0, N)


def months(numbers: tuple[int, ...], added: np.ndarray) -> str:
    """Sales of months of 2025: everybody buys on the 1st and on the 28th, about as much as is usual for them."""
    rows = []
    for number in numbers:
        spent = np.maximum(LEVEL + RNG.normal(0, 10, N), 1) + added
        rows += [f"C{i:03d},{i}-{number}-{day},2025-{number:02d}-{day},{spent[i] / 2:.2f}" for i in range(N) for day in ("01", "28")]
    return "customer id,order id,date,amount\n" + "\n".join(rows)


def load(write: Callable[..., Path], name: str, text: str) -> Warehouse:
    jobs._load({"workspace": "w", "paths": [str(write(name, text))], "answers": {}})
    return open_current(Access(workspace="w"))


@pytest.mark.parametrize("plan", ["programme", "campaign"])
def test_a_kept_test_is_read_out_when_the_data_comes_back(plan: str, home: Path, write: Callable[..., Path]) -> None:
    house = load(write, "before.csv", months((1, 2, 3, 4), np.zeros(N)))
    asked = Params(plan=plan, share=0.3, months=2, effect=ADDED)  # type: ignore[arg-type]
    planned = holdout.run(house, asked)
    assert planned.estimates["detectable"].value < ADDED
    name, _ = assign.keep("w", asked)
    arms = open_current(Access(workspace="w")).frame("select customer_id, arm from experiments order by customer_id")
    added = np.where(arms["arm"] == "treatment", ADDED, 0.0)
    low, high = read_out(plan, load(write, "after.csv", months((5, 6), added)), name)
    assert 0 < low < ADDED < high
    assert high - low < 2 * planned.estimates["detectable"].value  # about as precise as was planned


def read_out(plan: str, house: Warehouse, name: str) -> tuple[float, float]:
    """The interval of money a treated customer and month, as the study for this plan tells it."""
    if plan == "campaign":
        result = campaigns.run(house, campaigns.Params(campaign=name))
        (row,) = result.tables["arms"].query("outcome == 'money'").to_dict("records")
        return row["low"] / 2, row["high"] / 2  # of both months together
    attempt = effect_experiment.attempt(house, "net_sales")
    assert attempt.claim is not None
    assert (attempt.claim.grade, attempt.facts["experiment"]) == ("A", name)
    return attempt.claim.effect.low, attempt.claim.effect.high
