"""Programmes in which nobody is treated worse, but where asked: as files, written out in full by a seed.

Customers in three tiers by what they spend; gender, region and age hang on nothing. Points are earned on every order and redeemed by
chance, tickets are answered after lognormal times that differ by topic. `slow` makes one region wait so many times longer.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

DAY = np.datetime64("2025-01-01")
REGIONS = ("North", "South", "East", "West")
TOPICS = {"app": 4.0, "parcel": 30.0, "bill": 12.0}


def programme(seed: int, *, n: int = 2_000, slow: float = 1.0) -> dict[str, str]:
    """File name -> CSV. A year from January 2025."""
    rng = np.random.default_rng(seed)
    people = _people(rng, n)
    orders = _orders(rng, people)
    return {
        "people": people.drop(columns="rate").to_csv(index=False),
        "orders": orders.to_csv(index=False),
        "points": _points(rng, orders).to_csv(index=False),
        "tickets": _tickets(rng, people, slow).to_csv(index=False),
    }


def _people(rng: np.random.Generator, n: int) -> pd.DataFrame:
    rate = rng.gamma(1.5, 4.0, n)
    return pd.DataFrame(
        {
            "Customer ID": [f"C{at:05d}" for at in range(n)],
            "Tier": np.select([rate > 9, rate > 4], ["Gold", "Silver"], "Bronze"),
            "Gender": rng.choice(["Female", "Male"], n),
            "Region": rng.choice(REGIONS, n),
            "Birth year": rng.integers(1950, 2005, n),
            "Enrolment date": "2024-06-01",
            "rate": rate,
        }
    )


def _orders(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    who = np.repeat(people["Customer ID"].to_numpy(), rng.poisson(people["rate"]))
    amount = np.round(np.exp(rng.normal(3, 0.6, len(who))), 2)
    day = DAY + rng.integers(0, 360, len(who))
    return pd.DataFrame(
        {"Order ID": np.arange(len(who)), "Customer ID": who, "Date": day, "Amount": amount, "Margin": np.round(amount * 0.4, 2)}
    )


def _points(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    earned = orders[["Customer ID", "Date"]].assign(**{"Event type": "earn", "Points": np.round(orders["Amount"] * 10), "Cost": ""})
    used = orders[rng.random(len(orders)) < 0.15]
    redeemed = used[["Customer ID", "Date"]].assign(**{"Event type": "redeem", "Points": np.round(used["Amount"] * 8)})
    return pd.concat([earned, redeemed.assign(Cost=np.round(redeemed["Points"] * 0.01, 2))], ignore_index=True)


def _tickets(rng: np.random.Generator, people: pd.DataFrame, slow: float) -> pd.DataFrame:
    asking = people.loc[rng.choice(len(people), int(0.9 * len(people)))]
    at = DAY.astype("datetime64[m]") + rng.integers(0, 340 * 1440, len(asking))
    topic = rng.choice(list(TOPICS), len(asking))
    hours = np.array([TOPICS[name] for name in topic]) * np.exp(rng.normal(0, 0.8, len(asking)))
    hours *= np.where(asking["Region"] == "East", slow, 1.0)
    answered = at + (hours * 60).astype("timedelta64[m]")
    return pd.DataFrame(
        {
            "Customer ID": asking["Customer ID"].to_numpy(),
            "Feedback date": at,
            "Feedback type": "ticket",
            "Topic": topic,
            "Answered at": answered,
        }
    )
