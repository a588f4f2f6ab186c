"""From what customers bought to their four scores: the measures, each as a standing among all, and their averages as standings again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models.scorecard import average, clarity, habits, standing, standing_within, still_open
from analytics.studies.key_customers_sql import BOUGHT, CATEGORIES, PEOPLE

if TYPE_CHECKING:
    from analytics.studies.key_customers_ahead import Ahead
    from analytics.warehouse import Warehouse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SCORES = ("needs", "power", "loyalty", "potential")
MADE_OF = {
    "needs": ("clarity", "profile"),
    "power": ("everyone", "region", "industry"),
    "loyalty": ("loyal",),
    "potential": ("worth", "still_open"),
}
COMPARED = {"together": MADE_OF["power"], "everyone": ("everyone",), "region": ("region",), "industry": ("industry",)}
MONTHS = 12  # the last months, in which spend and activity are counted
LEAST = 30  # customers
LEAST_CATEGORIES, MOST_CATEGORIES = 3, 24  # where fewer are sold there is no preference
LEAST_BUYERS = 30  # of a category
PERSON, FIRM, ANYBODY = ("gender", "birth_year"), ("industry",), ("region", "city", "acquisition_channel", "consent")
USUAL = 0.2  # a column that fewer customers fill is not asked of everybody
PULL = 3  # months of everybody's activity by which a customer's own is pulled
MARKETS = ("region", "industry")
BATCH = 100_000  # customers whose purchases are read at once
MONTH = 30.44  # days


@dataclass(frozen=True, kw_only=True)
class Luck:
    """What scores are made of, (n,) each, as it was or as it might have been. counts (n, k), None where too few categories are sold."""

    counts: Floats | None
    spend: Floats
    loyal: Floats
    worth: Floats


@dataclass(frozen=True, kw_only=True)
class Known:
    """Customers to be scored, (n,) each.

    months   of the last twelve those in which each was a customer
    ahead    the predictions, and `at` each customer's place in them; None where the fit `value` refused
    was      what they did
    """

    people: pd.DataFrame
    earlier: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    compare: str
    profile: Floats
    months: Floats
    ahead: Ahead | None
    at: Ints
    usual: Floats | None
    was: Luck

    @cached_property
    def markets(self) -> dict[str, Ints]:
        """Region and industry of each, numbered; -1 where it is not known."""
        return {name: np.asarray(pd.factorize(self.people[name].astype(object), sort=True)[0], np.int64) for name in MARKETS}

    @cached_property
    def tastes(self) -> dict[str, Floats]:
        return _of_tastes(self, self.was)


def window(warehouse: Warehouse) -> dict[str, pd.Timestamp]:
    """The last months, as long before them, and the day after the last."""
    until = pd.Timestamp(str(warehouse.as_of)) + pd.Timedelta(days=1)
    return {"until": until, "since": until - pd.DateOffset(months=MONTHS), "earlier": until - pd.DateOffset(months=2 * MONTHS)}


def known(warehouse: Warehouse, compare: str, expected: Ahead | None) -> Known:
    """Everybody who bought, with what the scores are made of."""
    days = window(warehouse)
    people = warehouse.frame(PEOPLE, **days)
    counts = _counts(warehouse, people, days["until"])
    at = np.full(len(people), -1) if expected is None else pd.Index(expected.ids).get_indexer(pd.Index(people["customer_id"]))
    begun = (days["until"] - people["first_on"]).dt.days.to_numpy(float) / MONTH
    months = np.clip(np.ceil(begun), 1, MONTHS)
    loyal = active(people["months"].to_numpy(float), months) if expected is None else _taken(expected.alive, at)
    worth = np.full(len(people), np.nan) if expected is None else _taken(expected.worth, at)
    return Known(
        people=people,
        **days,
        compare=compare,
        profile=_profile(people, profile_columns(warehouse, people)),
        months=months,
        ahead=expected,
        at=at,
        usual=None if counts is None else habits(counts),
        was=Luck(counts=counts, spend=people["spend"].to_numpy(float), loyal=loyal, worth=worth),
    )


def _taken(values: Floats, at: Ints) -> Floats:
    return np.asarray(np.append(values, np.nan)[at], np.float64)


def active(months: Floats, of: Floats) -> Floats:
    """Share of the last months with a purchase, pulled towards everybody's, so that one first month is not a habit yet."""
    return np.asarray((months + PULL * months.sum() / max(of.sum(), 1.0)) / (of + PULL), np.float64)


def batches(people: pd.DataFrame) -> int:
    return -(-len(people) // BATCH)


def _counts(warehouse: Warehouse, people: pd.DataFrame, until: pd.Timestamp) -> Floats | None:
    """Days on which each customer bought each category."""
    names = [str(name) for name in warehouse.frame(CATEGORIES, until=until, least=LEAST_BUYERS, most=MOST_CATEGORIES)["category"]]
    if len(names) < LEAST_CATEGORIES:
        return None
    counts, parts = np.zeros((len(people), len(names))), batches(people)
    for batch in range(parts):
        rows = warehouse.frame(BOUGHT, categories=names, until=until, batches=parts, batch=batch)
        at = pd.Index(people["customer_id"]).get_indexer(pd.Index(rows["customer_id"]))
        counts[at, rows["code"].to_numpy(int)] = rows["days"].to_numpy(float)
    return counts


def profile_columns(warehouse: Warehouse, people: pd.DataFrame) -> list[str]:
    """Columns of a profile that the data has, without those that hardly anybody fills; an industry is asked of firms only."""
    held = warehouse.present().get("customers", frozenset())
    return [name for name in (*ANYBODY, *PERSON, *FIRM) if name in held and (name in FIRM or people[name].notna().mean() >= USUAL)]


def _profile(people: pd.DataFrame, asked: list[str]) -> Floats:
    """Share of the columns asked of a customer that are filled: a firm has no gender, a person no industry; unknown off file."""
    firm = people["industry"].notna().to_numpy(bool)
    filled, wanted = np.zeros(len(people)), np.zeros(len(people))
    for name in asked:
        of = firm if name in FIRM else ~firm if name in PERSON else np.ones(len(people), bool)
        filled += of & people[name].notna().to_numpy(bool)
        wanted += of
    wanted = np.where(people["filed"].to_numpy(bool), wanted, 0.0)
    return np.asarray(np.divide(filled, wanted, out=np.full(len(people), np.nan), where=wanted > 0), np.float64)


def measures(found: Known, luck: Luck, rows: Ints | slice = slice(None)) -> dict[str, Floats]:
    """Measure -> the standing, among all customers as they are, of the customers `rows` as `luck` has them."""
    was = found.was
    told = {
        "profile": standing(found.profile[rows], found.profile),
        "everyone": standing(luck.spend, was.spend),
        **{name: standing_within(luck.spend, codes[rows], was.spend, codes) for name, codes in found.markets.items()},
        "loyal": standing(luck.loyal, was.loyal),
        "worth": standing(luck.worth, was.worth),
    }
    if luck.counts is not None and was.counts is not None:
        told |= {name: standing(values, found.tastes[name]) for name, values in _of_tastes(found, luck).items()}
    return told


def _of_tastes(found: Known, luck: Luck) -> dict[str, Floats]:
    """How clear the preference is, and what similar customers buy that this one does not, as far as they still are customers."""
    if luck.counts is None or found.usual is None:
        return {}
    seen = luck.counts.sum(axis=1) > 0
    chance = luck.loyal if found.ahead else np.ones(len(luck.loyal))
    told = {"clarity": clarity(luck.counts), "still_open": chance * still_open(luck.counts, found.usual)}
    return {name: np.where(seen, values, np.nan) for name, values in told.items()}


def averages(found: Known, told: Mapping[str, Floats]) -> dict[str, Floats]:
    """Score -> the mean of the standings it is made of; spend is compared as asked, with everybody where the own market is too small."""
    parts = {name: [told[part] for part in made if part in told] for name, made in MADE_OF.items()}
    own = average([told[name] for name in COMPARED[found.compare]])
    parts["power"] = [np.where(np.isnan(own), told["everyone"], own)]
    return {name: average(made) for name, made in parts.items()}


def scores(averaged: Mapping[str, Floats], among: Mapping[str, Floats]) -> Floats:
    """(n, 4): each average as a standing again, so that all scores are spread alike; unknown throughout where all are equal."""
    columns = [standing(averaged[name], among[name]) if tells(among[name]) else np.full(len(averaged[name]), np.nan) for name in SCORES]
    return np.column_stack(columns)


def tells(values: Floats) -> bool:
    """Whether a score is known of enough customers, and tells them apart."""
    there = values[~np.isnan(values)]
    return len(there) >= LEAST and float(there.max() - there.min()) > 1e-9
