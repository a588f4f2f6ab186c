"""Demo programmes made once for all tests: everything planted, and nothing planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from data.programme import make
from data.programme.truth import Switches, Truth
from data.programme.world import World, world

CUSTOMERS = 7_000
SEED = 5


@dataclass(frozen=True, kw_only=True, eq=False)
class Made:
    """A programme on disk, read as anybody would read it."""

    folder: Path
    truth: Truth

    @cache  # noqa: B019 - lives as long as the test session
    def frame(self, table: str) -> pd.DataFrame:
        dates = {
            "transactions": ["Order date", "Promised at", "Delivered at", "Deal opened at"],
            "customers": ["Customer since", "Enrolment date"],
            "contacts": ["Sent at"],
            "feedback": ["Submitted at", "First response at", "Resolved at"],
            "points": ["Points date"],
            "opportunities": ["Created at", "Close date"],
        }
        return pd.read_csv(self.folder / f"{table}.csv", parse_dates=dates.get(table, []), encoding="utf-8-sig")

    @property
    def sales(self) -> pd.DataFrame:
        """Lines of consumers' orders, without refunds and deals."""
        lines = self.frame("transactions")
        return lines[(lines["Type"] == "sale") & (lines["Channel"] != "Office sales")]

    @property
    def orders(self) -> pd.DataFrame:
        return self.sales.drop_duplicates("Order ID")


Make = Callable[..., Made]


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Every effect on, but without the errors in the data."""
    return _made(tmp_path_factory.mktemp("planted"), Switches(data_errors=False))


@pytest.fixture(scope="session")
def null(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Every effect off."""
    return _made(tmp_path_factory.mktemp("null"), Switches().but(without=["all"]))


def _made(folder: Path, switches: Switches) -> Made:
    return Made(folder=folder, truth=make(folder, "en", switches=switches, customers=CUSTOMERS, seed=SEED))


@cache
def simulated(switches: Switches, customers: int = 1_500) -> World:
    return world(switches, customers, SEED)
