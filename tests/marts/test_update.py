"""Marts that follow from those before are the marts that a rebuild makes, row by row."""

from __future__ import annotations

import random
import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics import jobs, store
from analytics.access import Access
from analytics.marts import update
from analytics.marts.build import build, open_current
from analytics.marts.recipes import in_order
from analytics.warehouse import CHANGED, PEOPLE, Warehouse

SALES = "order id,customer id,date,amount,category,channel,discount,margin\n"
POINTS = "customer id,date,kind,points\n"
FIRST, LAST = date(2025, 1, 1), date(2025, 6, 20)

pytestmark = pytest.mark.usefixtures("home")  # a workspace left by an earlier run would change what is written


@pytest.fixture
def followed(home, monkeypatch) -> list[bool]:
    """Whether each build followed the version before."""
    answers: list[bool] = []
    follow = update.follow

    def told(*args, **kwargs) -> bool:
        answers.append(follow(*args, **kwargs))
        return answers[-1]

    monkeypatch.setattr(update, "follow", told)
    return answers


def sale(chance: random.Random, number: int, day: date, customers: int, *, margin: bool) -> str:
    amount = chance.choice([-5, 1, 20, 33.25, 100])
    order = f"T{number}" if chance.random() < 0.9 else ""
    category, channel = chance.choice(["Tea", "Cups", ""]), chance.choice(["web", "store"])
    return f"{order},c{chance.randrange(customers)},{day},{amount},{category},{channel},1.50,{'2.00' if margin else ''}\n"


def sales(chance: random.Random, first: date, last: date, n: int, customers: int = 300, *, margin: bool = True) -> str:
    days = (last - first).days
    on = [first + timedelta(chance.randrange(days + 1)) for _ in range(n)]
    rows = [sale(chance, chance.randrange(10**6), day, customers, margin=margin) for day in on]
    return SALES + "".join(sorted(rows))


def points(chance: random.Random, first: date, last: date, n: int) -> str:
    days = (last - first).days
    on = [first + timedelta(chance.randrange(days + 1)) for _ in range(n)]
    rows = (f"c{chance.randrange(300)},{day},{chance.choice(['earn', 'redeem'])},{chance.randrange(1, 90)}\n" for day in on)
    return POINTS + "".join(rows)


def load(folder: Path, **files: str) -> store.Version:
    paths = [folder / f"{name}.csv" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, encoding="utf-8")
    jobs._load({"workspace": "w", "paths": [str(path) for path in paths], "answers": {}})
    return store.current("w")


def marts(version: store.Version) -> dict[str, list[tuple]]:
    """Every mart's rows, in an order of their own."""
    house = Warehouse(Access(workspace="w"), version)
    return {
        path.stem: sorted(map(tuple, house._connection.cursor().execute(f'select * from "{path.stem}"').fetchall()), key=repr)
        for path in in_order()
    }


def assert_as_rebuilt(version: store.Version) -> None:
    found = marts(version)
    shutil.rmtree(store.marts_folder("w", version))
    rebuilt = build("w", version)
    expected = marts(rebuilt)
    for name in expected:
        assert found[name] == expected[name], name
    assert (rebuilt.summary, rebuilt.columns, rebuilt.last_day) == (version.summary, version.columns, version.last_day)


@pytest.mark.parametrize("seed", range(6))
def test_a_day_more_gives_the_marts_of_a_rebuild(seed: int, tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(seed)
    load(tmp_path, sales=sales(chance, FIRST, LAST, 4_000, margin=seed % 2 == 0), points=points(chance, FIRST, LAST, 400))
    day = LAST + timedelta(1)
    version = load(tmp_path, day=sales(chance, day, day, 30, 320), earned=points(chance, day, day, 12))
    assert followed == [True]
    assert_as_rebuilt(version)


def test_the_first_day_of_another_month_too(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(7)
    load(tmp_path, sales=sales(chance, FIRST, date(2025, 6, 30), 4_000))
    version = load(tmp_path, day=sales(chance, date(2025, 7, 1), date(2025, 7, 1), 30))
    assert followed == [True]
    assert_as_rebuilt(version)


def test_customers_that_a_list_describes_anew(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(8)
    people = "customer id,tier,region\n"
    load(tmp_path, sales=sales(chance, FIRST, LAST, 4_000), people=people + "".join(f"c{n},Gold,North\n" for n in range(200)))
    version = load(tmp_path, people=people + "".join(f"c{n},Silver,South\n" for n in range(195, 205)))
    assert followed == [True]
    assert_as_rebuilt(version)


def test_days_that_come_late_change_the_past_and_everything_is_built(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(9)
    load(tmp_path, sales=sales(chance, FIRST, LAST, 4_000))
    version = load(tmp_path, late=sales(chance, date(2025, 2, 1), date(2025, 2, 3), 30))
    assert followed == [False]
    assert_as_rebuilt(version)


def test_most_customers_touched_are_not_worth_following(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(10)
    load(tmp_path, sales=sales(chance, FIRST, LAST, 2_000))
    version = load(tmp_path, more=sales(chance, LAST, LAST + timedelta(3), 2_000))
    assert followed == [False]
    assert_as_rebuilt(version)


def test_marts_that_are_gone_are_not_followed(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(11)
    first = load(tmp_path, sales=sales(chance, FIRST, LAST, 2_000))
    shutil.rmtree(store.marts_folder("w", first))
    version = load(tmp_path, day=sales(chance, LAST + timedelta(1), LAST + timedelta(1), 10))
    assert followed == []
    assert_as_rebuilt(version)


def test_tiers_that_begin_to_count_when_the_day_moves(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(12)
    tomorrow = LAST + timedelta(1)
    tiers = "customer id,tier,valid from\n" + "".join(f"c{n},{'Gold' if n % 2 else 'Silver'},2025-01-01\n" for n in range(300))
    tiers += "".join(f"c{n},Platinum,{tomorrow}\n" for n in range(5))
    load(tmp_path, sales=sales(chance, FIRST, LAST, 4_000), tiers=tiers)
    version = load(tmp_path, day=sales(chance, tomorrow, tomorrow, 20))
    assert followed == [True]
    assert_as_rebuilt(version)
    features = Warehouse(Access(workspace="w"), version)
    assert features.row("select count(*) from customer_features where tier = 'Platinum'") == (5,)


def orders(chance: random.Random, numbers: range, day: date, status: str = "已发货") -> str:
    rows = (f"SO{n},公司{chance.randrange(300)},{day - timedelta(n % 100)},{chance.randrange(1, 90)}.00,{status}\n" for n in numbers)
    return "销售订单编号,客户名称,下单日期,销售订单金额(元),状态\n" + "".join(rows)


def test_orders_that_take_the_place_of_what_was_said_of_them(tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(13)
    load(tmp_path, orders=orders(chance, range(3_000), LAST))
    void = orders(chance, range(0, 1_000, 100), LAST, "已作废")
    version = load(tmp_path, changed=void + orders(chance, range(3_000, 3_010), LAST).split("\n", 1)[1])
    assert version.summary["transactions"]["orders"] == 3_000
    assert followed == [True]
    assert_as_rebuilt(version)


def beside(version: store.Version) -> int:
    """Customers whose rows lie beside the marts' files."""
    people = store.marts_folder("w", version) / CHANGED / PEOPLE
    return pq.read_metadata(people).num_rows if people.exists() else 0


def days_more(folder: Path, chance: random.Random, days: int, n: int) -> list[store.Version]:
    nexts = [LAST + timedelta(1 + day) for day in range(days)]
    return [load(folder, **{f"day{day}": sales(chance, day, day, n, 2_000)}) for day in nexts]


@pytest.mark.parametrize("days", [2, 6])
def test_days_one_after_the_other_lie_beside_the_files_until_they_are_many(days: int, tmp_path: Path, followed: list[bool]) -> None:
    chance = random.Random(14)
    first = load(tmp_path, sales=sales(chance, FIRST, LAST, 8_000, 2_000))
    versions = days_more(tmp_path, chance, days, 60)
    assert followed == [True] * days
    kept = [beside(version) for version in versions]
    assert kept[0] in range(55, 61)
    assert all(now > before or now == 0 for before, now in pairwise(kept))
    assert max(kept) <= 200
    assert (0 in kept) == (days == 6)
    base = store.marts_folder("w", first) / "customer_months.parquet"
    assert base.samefile(store.marts_folder("w", versions[0]) / "customer_months.parquet")
    assert_as_rebuilt(versions[-1])


def test_a_version_before_reads_as_it_did(tmp_path: Path) -> None:
    chance = random.Random(15)
    first = load(tmp_path, sales=sales(chance, FIRST, LAST, 4_000))
    days_more(tmp_path, chance, 2, 20)
    assert_as_rebuilt(first)


def test_marts_whose_changes_are_lost_are_built_again(tmp_path: Path) -> None:
    chance = random.Random(16)
    load(tmp_path, sales=sales(chance, FIRST, LAST, 4_000))
    (version,) = days_more(tmp_path, chance, 1, 20)
    found = marts(version)
    (store.marts_folder("w", version) / CHANGED / "customer_months.parquet").unlink()
    open_current(Access(workspace="w"))
    assert beside(version) == 0
    assert marts(version) == found
