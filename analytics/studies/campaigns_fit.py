"""The fit `campaigns`: who responds, and, where an arm is random, whom the campaign moves.

Kept facts     kind (uplift, response or none), campaign, n, sample (customers learned from, 0 for all); of uplift: rankings (name ->
               coefficient and top, each value, low, high), share (treated)
Kept tables    people: customer_id, chance (probability to respond, or to buy), response (place in that ranking); of uplift also effect
               (expected, money a customer) and uplift (place)
               qini: ranking, share, gain, low, high, chance
               tenths: tenth (1: said likeliest), n, response_rate, low, high; of response only
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics.fits import Fit, Fitted, Tell
from analytics.results import wilson
from analytics.studies.campaigns_data import REACHED, Tested, campaigns, tested
from analytics.studies.churn_data import Moment, Part, World, slice_at
from analytics.studies.experiments_data import measure_of

if TYPE_CHECKING:
    from analytics.models.uplift import Qini
    from analytics.studies.experiments_data import Lot
    from analytics.warehouse import Warehouse

LEAST, LEAST_EACH = 200, 30  # customers to learn from, and those who responded and who did not
SAMPLE = 200_000  # customers learned from and judged on at most
YEAR = 365
RECENT = 56  # days called recent, where the campaign has no length of its own
TENTHS = 10
NOT_KNOWN = ("worth", "opted_out")  # columns that are money to come, or say who may not be contacted


def chosen(found: list[Tested], listed: pd.DataFrame, asked: str) -> tuple[Tested | None, str]:
    """(the experiment looked at, the campaign looked at): as asked, else the largest experiment that can be read, else the campaign of
    which most customers responded. A campaign by the name of an experiment is that experiment."""
    if asked:
        return next((one for one in found if one.experiment == asked and one.lot is not None), None), asked
    readable = [one for one in found if one.lot is not None]
    if readable:
        best = max(readable, key=lambda one: (not one.experiment.startswith("programme-"), one.customers))
        return best, best.experiment
    if listed.empty:
        return None, ""
    responded = (listed["response_rate"].fillna(0) * listed["reached"]).to_numpy()
    return None, str(listed["campaign"].iloc[int(responded.argmax())])


def make(warehouse: Warehouse, params: Mapping[str, Any], tell: Tell) -> Fitted:
    """Read, rank, judge."""
    tell("read", 0, 1)
    found = tested(warehouse, measure_of(warehouse), control=params["control"], withheld=params["withheld"])
    experiment, campaign = chosen(found, campaigns(warehouse), params["campaign"])
    if experiment is not None and experiment.lot is not None:
        return _uplift(warehouse, experiment.lot, campaign, tell)
    return _response(warehouse, campaign, tell) if campaign else Fitted(facts={"kind": "none", "campaign": "", "n": 0})


def _uplift(warehouse: Warehouse, lot: Lot, campaign: str, tell: Tell) -> Fitted:
    from analytics.models.uplift import qini, ranked

    people = _some(lot.people)
    facts = {"campaign": campaign, "n": len(people), "sample": len(people) if len(people) < len(lot.people) else 0}
    bought = people["orders"].to_numpy() > 0
    if not _enough(people, bought):
        return Fitted(facts=facts | {"kind": "none"})
    treated = (people["arm"] != lot.control).to_numpy()
    features = _known(warehouse, lot.first, lot.past, people["customer_id"])
    money, share = people["money"].to_numpy(float), float(treated.mean())
    rankings = ranked(features, treated, money, bought, share=share, tell=lambda done, total: tell("rank", done, total))
    tell("judge", 0, 1)
    worth = {name: qini(getattr(rankings.judged, name), rankings.judged.scores) for name in ("uplift", "response")}
    listed = people[["customer_id"]].assign(**{name: getattr(rankings, name) for name in ("effect", "uplift", "chance", "response")})
    curves = pd.concat([one.curve.assign(ranking=name) for name, one in worth.items()], ignore_index=True)
    facts |= {"kind": "uplift", "share": share, "rankings": {name: _plain(one) for name, one in worth.items()}}
    return Fitted(facts=facts, tables={"people": listed, "qini": curves})


def _plain(worth: Qini) -> dict[str, Any]:
    return {"coefficient": asdict(worth.coefficient), "top": asdict(worth.top)}


def _response(warehouse: Warehouse, campaign: str, tell: Tell) -> Fitted:
    """Who responded to a campaign that nobody was withheld from by lot: a description, whatever the ranking."""
    from analytics.models.uplift import responders

    rows = warehouse.frame(REACHED, campaign=campaign, as_of=warehouse.as_of)
    people = _some(rows)
    facts = {"campaign": campaign, "n": len(people), "sample": len(people) if len(people) < len(rows) else 0}
    responded = people["responded"].to_numpy(bool)
    if not _enough(people, responded):
        return Fitted(facts=facts | {"kind": "none"})
    tell("rank", 0, 1)
    place, chance = responders(_known(warehouse, people["first_on"].min().date(), RECENT, people["customer_id"]), responded)
    tell("judge", 0, 1)
    listed = people[["customer_id"]].assign(chance=chance, response=place)
    return Fitted(facts=facts | {"kind": "response"}, tables={"people": listed, "tenths": _tenths(place, responded)})


def _enough(people: pd.DataFrame, responded: np.ndarray) -> bool:
    return len(people) >= LEAST and LEAST_EACH <= int(responded.sum()) <= len(people) - LEAST_EACH


def _some(people: pd.DataFrame) -> pd.DataFrame:
    return people if len(people) <= SAMPLE else people.sample(SAMPLE, random_state=7).sort_values("customer_id").reset_index(drop=True)


def _tenths(place: np.ndarray, responded: np.ndarray) -> pd.DataFrame:
    """Who responded, by tenths of the ranking."""
    tenth = np.minimum(((1 - place) * TENTHS).astype(int) + 1, TENTHS)
    told = [(at, wilson(int(responded[tenth == at].sum()), int((tenth == at).sum()))) for at in range(1, TENTHS + 1)]
    rows = [(at, one.n, one.value, one.low, one.high) for at, one in told]
    return pd.DataFrame(rows, columns=["tenth", "n", "response_rate", "low", "high"])


def _known(warehouse: Warehouse, first: date, days: int, customers: pd.Series) -> pd.DataFrame:
    """What was known of the customers on the day before, as the study `churn` knows them; nothing later."""
    at, back = first - timedelta(days=1), timedelta(days=max(days, 1))
    moment = Moment(at=at, since=at - back, before=at - 2 * back, until=at)
    features, _ = slice_at(warehouse, World(kind="purchases", active=False, window=YEAR), moment, Part())
    return features.drop(columns=[name for name in NOT_KNOWN if name in features]).reindex(customers)


CAMPAIGNS = Fit(id="campaigns", steps=("read", "rank", "judge"), make=make)
