"""Small programmes and campaigns with a lot in them, written out as the files a firm would have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics import jobs
from analytics.access import Access
from analytics.marts.build import open_current
from analytics.warehouse import Warehouse

START, END = date(2024, 7, 1), date(2024, 9, 30)
Load = Callable[..., Warehouse]


@pytest.fixture
def load(home: Path, write: Callable[..., Path]) -> Load:
    """`load(orders="...csv...", experiments="...csv...")` imports the files in this process and opens the warehouse over them."""

    def loaded(**files: str) -> Warehouse:
        paths = [str(write(f"{name}.csv", text.strip() + "\n")) for name, text in files.items()]
        jobs._load({"workspace": "w", "paths": paths, "answers": {}})
        return open_current(Access(workspace="w"))

    return loaded


def name(at: int) -> str:
    return f"C{at:04d}"


def orders(*rows: tuple[int, date, float]) -> str:
    """(customer, day, amount) as an export of orders; a last order on END by somebody else makes it the as-of day."""
    lines = [f"{at},{name(customer)},{day},{amount:.2f}" for at, (customer, day, amount) in enumerate([*rows, (9999, END, 1.0)])]
    return "\n".join(["order id,customer id,order date,amount", *lines])


def experiment(arms: Sequence[str], *, called: str = "Spring", ends: str = "", starts: str = f"{START}") -> str:
    """The n-th customer is in the n-th of `arms`."""
    lines = [f"{called},{name(at)},{arm},{START - timedelta(days=3)},{starts},{ends}" for at, arm in enumerate(arms)]
    return "\n".join(["experiment id,customer id,arm,assigned at,starts on,ends on", *lines])


def halves(n: int, *arms: str) -> list[str]:
    """n customers, the arms by turns."""
    return [arms[at % len(arms)] for at in range(n)]
