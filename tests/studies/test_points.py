"""The points ledger, worked out by hand: first in, first out, three counts of one total, what will be redeemed, what it defers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.studies import points
from analytics.studies.points import Params
from analytics.studies.points_known import known
from analytics.warehouse import Warehouse

Shop = Callable[..., Warehouse]
HEAD = "customer id,date,type,points\n"


@pytest.fixture
def shop(home: Path, write: Callable[..., Path]) -> Shop:
    """`shop(points="...csv...")` imports the files, in this process, and opens the warehouse over them."""

    def load(**files: str) -> Warehouse:
        paths = [str(write(f"{name}.csv", text.strip() + "\n")) for name, text in files.items()]
        jobs._load({"workspace": "shop", "paths": paths, "answers": {}})
        return open_current(Access(workspace="shop"))

    return load


def lots(house: Warehouse, customer: str = "A") -> set[tuple[str, str, str, float]]:
    """Month earned, month used, kind, points."""
    rows = house.frame("select vintage, month, kind, points from points_lots where customer_id = $customer", customer=customer)
    days = [rows[name].dt.strftime("%m").fillna("") for name in ("vintage", "month")]
    return set(zip(*days, rows["kind"], rows["points"], strict=True))


USED = """
A,2025-01-10,earn,100
A,2025-02-10,earn,50
A,2025-03-05,redeem,120
A,2025-04-01,expire,10
A,2025-04-02,earn,5
B,2025-01-10,earn,100
B,2025-01-11,redeem,60
B,2025-01-20,adjust,-30
B,2025-02-01,adjust,7
C,2025-01-10,earn,100
C,2025-01-20,redeem,100
C,2025-02-01,adjust,-30
C,2025-03-01,earn,20
D,2025-01-10,earn,9
D,2025-02-01,expire,9
D,2025-03-02,adjust,-4
"""


def test_points_are_used_first_in_first_out(shop: Shop) -> None:
    house = shop(points=HEAD + USED.strip())
    # the oldest go first
    assert lots(house, "A") == {
        ("01", "03", "redeem", 100),
        ("02", "03", "redeem", 20),
        ("02", "04", "expire", 10),
        ("02", "", "held", 20),
        ("04", "", "held", 5),
    }
    # points of the month can be used in it, and its corrections reduce it
    assert lots(house, "B") == {("01", "01", "redeem", 60), ("01", "", "held", 10), ("02", "", "held", 7)}
    # corrections beyond the balance are set off against what is earned later, and what nothing covers is overdrawn
    assert lots(house, "C") == {("01", "01", "redeem", 100), ("03", "02", "adjust", 20), ("", "02", "overdrawn", 10)}
    assert lots(house, "D") == {("01", "02", "expire", 9), ("", "03", "overdrawn", 4)}
    lines = points.run(house, Params()).tables["identity"].set_index("item")["points"]
    assert lines[["outstanding", "balances", "lots"]].tolist() == [25 + 17 - 10 - 4] * 3
    assert lines[["positive", "negative"]].tolist() == [42, -14]


def test_what_was_redeemed_before_it_was_earned_comes_from_before_the_ledger(shop: Shop) -> None:
    house = shop(points=HEAD + "A,2025-01-10,earn,100\nA,2025-02-01,redeem,250\nA,2025-03-10,earn,40")
    assert lots(house) == {("", "02", "redeem", 150), ("01", "02", "redeem", 100), ("03", "", "held", 40)}
    told = points.run(house, Params())
    lines = told.tables["identity"].set_index("item")
    assert lines.loc[["outstanding", "balances", "lots"], "points"].tolist() == [-110, -110, -110]
    assert (lines.loc["negative", "points"], lines.loc["negative", "customers"]) == (-110, 1)
    assert told.verdict.key == "points.verdict.begun.points"
    assert {"redemption", "breakage", "liability"} & set(told.estimates) == set()
    assert {"points.warnings.begun", "points.warnings.negative"} <= {note.key for note in told.warnings}


# forty customers: each month from January to June each earns 10 points that end with the second month after: half of the customers redeem
# theirs in the month after earning, the others let them expire
MONTHS = range(1, 7)
USES = [(month, i) for month in MONTHS for i in range(40)]
STEADY = "customer id,date,type,points,value,cost,expires on,reward\n" + "\n".join(
    line
    for month, i in USES
    for line in (
        f"C{i:02d},2025-{month:02d}-03,earn,10,0.50,,2025-{month + 3:02d}-01,",
        *([f"C{i:02d},2025-{month + 1:02d}-20,redeem,10,0.50,0.30,,Voucher"] if i % 2 and month < 6 else []),
        *([f"C{i:02d},2025-{month + 3:02d}-01,expire,10,0.50,,,"] if i % 2 == 0 and month < 4 else []),
    )
)
SALES = (
    "order id,customer id,date,amount\n"
    + "\n".join(f"{month}-{i},C{i:02d},2025-{month:02d}-03,20.00" for month, i in USES)
    + "\n9,C01,2025-06-30,1.00"
)


@pytest.fixture
def steady(made_once: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    def fill() -> None:
        files = {tmp_path / f"{name}.csv": text for name, text in {"points": STEADY, "orders": SALES}.items()}
        for path, text in files.items():
            path.write_text(text + "\n", encoding="utf-8")
        jobs._load({"workspace": "shop", "paths": [str(path) for path in files], "answers": {}})

    monkeypatch.setenv("LOYALTY_HOME", str(made_once("steady_points", fill)))
    return open_current(Access(workspace="shop"))


def test_what_will_be_redeemed_is_told_from_points_that_had_the_time(steady: Warehouse) -> None:
    told = points.run(steady, Params())
    assert told.estimates["redemption"].value == pytest.approx(0.5)
    assert told.estimates["breakage"].value == pytest.approx(0.5)
    assert told.estimates["redemption"].low < 0.5 < told.estimates["redemption"].high
    assert told.tables["curve"]["redeemed_share"].tolist() == pytest.approx([0, 0.5, 0.5, 0.5])
    vintages = told.tables["vintages"].set_index(told.tables["vintages"]["vintage"].dt.month)
    assert vintages["redeemed_share"].tolist() == [0.5, 0.5, 0.5, 0.5, 0.5, 0.0]
    assert vintages["expected_share"].tolist() == pytest.approx([0.5] * 6)


def test_liability_is_what_those_held_will_cost_at_their_age(steady: Warehouse) -> None:
    told = points.run(steady, Params()).estimates
    assert told["outstanding"].value == 20 * 20 + 400  # 20 each of those who let April's and May's expire, and all of June's
    assert told["cost_per_point"].value == pytest.approx(0.03)
    assert told["liability"].value == 200 * 0.03  # of June's points half; of April's and May's none
    assert told["face_value"].value == 200 * 0.05
    assumed = points.run(steady, Params(expected_redemption=0.75, cost_per_point=0.1))
    # half of those held at age 1 and 2 will be after all, and three quarters of June's
    assert assumed.estimates["liability"].value == pytest.approx(0.1 * (0.5 * 400 + 0.75 * 400))
    assert {"points.warnings.assumed.rate", "points.warnings.assumed.cost"} <= {note.key for note in assumed.warnings}


def test_deferred_revenue_is_the_points_share_of_what_was_paid(steady: Warehouse) -> None:
    told = points.run(steady, Params())
    months = told.tables["schedule"]
    january = 800 * (400 * 0.05 * 0.5) / (800 + 400 * 0.05 * 0.5)  # 9.88
    assert months["deferred"].tolist() == [pytest.approx(january, abs=0.005)] * 5 + [9.88]
    assert months["recognised"].tolist() == [0.0, 9.88, 9.88, 9.88, 9.88, 9.88]
    assert months["closing"].tolist() == [9.88] * 6
    assert told.estimates["deferred_revenue"].value == 9.88


def test_points_of_a_month_without_sales_are_said_not_to_be_deferred(shop: Shop) -> None:
    orders = "\n".join(line for line in SALES.splitlines() if not line.startswith("3-"))
    told = points.run(shop(points=STEADY, orders=orders), Params())
    assert told.tables["schedule"]["deferred"].tolist()[2] == 0
    (unsold,) = [note for note in told.warnings if note.key == "points.warnings.unsold"]
    assert unsold.facts == {"n": 1, "points": 400}


def test_a_rate_booked_before_is_caught_up_in_the_last_month(steady: Warehouse) -> None:
    told = points.run(steady, Params(booked_redemption=1.0))
    months = told.tables["schedule"]
    assert months["deferred"].tolist() == [19.51] * 5 + [9.88]  # 800 x 20 / 820, and the last month at the rate of now
    # booked: all of what is held at age 1 and 2 was still to come, half of it had; so that half of May's and April's is caught up
    assert months["caught_up"].tolist() == [0.0] * 5 + [pytest.approx(2 * 9.75, abs=0.02)]
    assert told.estimates["caught_up"].value == months["caught_up"].iloc[-1]
    rolled = (months["opening"] + months["deferred"] - months["recognised"]).round(2)
    assert rolled.tolist() == months["closing"].tolist()


def test_ageing_expiry_rewards_and_members(steady: Warehouse) -> None:
    told = points.run(steady, Params(list_size=3)).tables
    assert told["ageing"]["points"].tolist() == [800, 0, 0, 0]
    assert told["ageing"]["customers"].tolist() == [40, 0, 0, 0]
    due = told["expiry"].set_index(told["expiry"]["month"].dt.month)
    assert due["points"].to_dict() == {7: 200, 8: 200, 9: 400, **dict.fromkeys((10, 11, 12, 1, 2, 3, 4, 5, 6), 0)}
    assert (due.loc[9, "redeemed_before"], due.loc[9, "lapsing"]) == (200, 200)
    (reward,) = told["rewards"].to_dict("records")
    assert (reward["category"], reward["redemptions"], reward["points"], reward["cost"]) == ("Voucher", 100, 1_000, pytest.approx(30))
    assert told["funnel"]["customers"].tolist() == [40, 20, 20]
    assert told["customers"]["customer_id"].tolist() == ["C00", "C02", "C04"]
    assert told["customers"]["balance"].tolist() == [30, 30, 30]
    assert len(points.members(steady, Params())) == 20


def test_what_other_studies_take_from_it(steady: Warehouse) -> None:
    told, here = known(steady), points.run(steady, Params()).estimates
    assert told is not None
    assert (told.redemption, told.liability) == (here["redemption"], here["liability"])
    assert (told.outstanding, told.cost_per_point, told.value_per_point) == (800, pytest.approx(0.03), pytest.approx(0.05))


def test_the_answer_is_worded_drawn_and_told_in_parts(steady: Warehouse) -> None:
    told = points.run(steady, Params())
    assert list(points.parts(told)) == ["balance", "redemption", "revenue", "members"]
    assert [note.key for note in points.parts(told)["revenue"].warnings] == ["points.warnings.management"]
    assert points.parts(told)["balance"].warnings == ()
    for language in LANGUAGES:
        words = Words(language, "EUR")
        drawn = {figure.key for figure in points.STUDY.figures(told, words)}
        assert drawn == {"movements", "ageing", "expiry", "rewards", "curve", "burn", "vintages", "schedule", "funnel", "waiting"}
        (steps,) = [figure.spec["data"][0]["text"] for figure in points.STUDY.figures(told, words) if figure.key == "funnel"]
        assert steps == ["40", "20 (50%)", "20 (100%)"]
        assert words.note(told.verdict)
        json.dumps(studies.result_json(told, words, params=Params()), allow_nan=False)


def test_without_expiry_the_rest_is_open(shop: Shop) -> None:
    rows = [f"C{i},2025-0{month}-05,earn,10" for i in range(10) for month in (1, 2, 3)]
    uses = [f"C{i},2025-02-06,redeem,10" for i in range(5)] + ["C0,2025-03-31,earn,1"]
    house = shop(points=HEAD + "\n".join(rows + uses))
    told = points.run(house, Params())
    assert told.verdict.key == "points.verdict.open.points"
    assert "redemption" not in told.estimates
    # of 301 points 200 reach the age of one month and 50 of them are redeemed then; the last hazards, carried on, redeem all
    assert (told.verdict.facts["low"].value, told.verdict.facts["high"].value) == (pytest.approx(0.25), pytest.approx(1.0))  # type: ignore[attr-defined]
    assert {"points.warnings.endless", "points.warnings.no_cost"} <= {note.key for note in told.warnings}
    assumed = points.run(house, Params(expected_redemption=0.8, cost_per_point=0.01, value_per_point=0.02))
    assert assumed.verdict.key == "points.verdict.assumed"
    assert assumed.estimates["liability"].level == 1
    assert "points.warnings.no_deferral.amount" in {note.key for note in assumed.warnings}


def test_balances_that_only_grow_do_not_say_that_everything_will_be_redeemed(shop: Shop) -> None:
    """Everybody earns 100 a month and redeems 50 a quarter: the oldest points are all gone, five sixths are held."""
    rows = [f"C{who},{2024 + at // 12}-{at % 12 + 1:02d}-01,earn,100" for who in range(12) for at in range(24)]
    rows += [f"C{who},{2024 + at // 12}-{at % 12 + 1:02d}-01,redeem,50" for who in range(12) for at in range(2, 24, 3)]
    result = points.run(shop(points=HEAD + "\n".join(rows)), Params(window=0))
    assert not {"redemption", "breakage"} & set(result.estimates)
    assert "points.warnings.endless" in {note.key for note in result.warnings}
    assert result.verdict.facts["low"].value == pytest.approx(8 * 50 / 2400)


def test_a_month_that_is_not_over_is_no_part_of_the_curve(shop: Shop) -> None:
    rows = [f"C{i},2025-0{month}-05,{kind},10" for i in range(6) for month, kind in ((1, "earn"), (2, "redeem"), (3, "earn"), (4, "earn"))]
    told = points.run(shop(points=HEAD + "\n".join(rows)), Params())
    # on 5 April March's points have had no month to be redeemed in: January's 60 of 120 at risk went, not 60 of 180
    assert told.tables["curve"]["redeemed_share"].tolist() == pytest.approx([0.0, 1.0])


def test_points_past_their_day_are_told_and_not_owed(shop: Shop) -> None:
    rows = [f"C{i},2025-01-05,earn,10,{'2025-02-28' if i < 3 else '2025-12-31'}\nC{i},2025-06-05,earn,10,2025-12-31" for i in range(6)]
    house = shop(points="customer id,date,type,points,expires on\n" + "\n".join(rows))
    told = points.run(house, Params(expected_redemption=0.25, cost_per_point=1.0))
    (note,) = [note for note in told.warnings if note.key == "points.warnings.overdue"]
    assert note.facts["points"] == 30
    assert told.verdict.facts["held"] == 90
    # of January's 60 half ended in February, so that half of the other 30 is to be redeemed; of June's 60 a quarter
    assert told.estimates["liability"].value == 0.5 * 30 + 0.25 * 60
    assert told.estimates["outstanding"].value == 120


def test_a_ledger_without_anything_earned_is_refused(shop: Shop) -> None:
    told = points.run(shop(points=HEAD + "A,2025-01-01,redeem,5\nB,2025-01-02,redeem,5"), Params())
    assert told.refused is not None and told.refused.key == "points.refused.nothing"


def test_points_of_a_month_that_is_not_whole_are_not_denied(shop: Shop) -> None:
    told = points.run(shop(points=HEAD + "A,2025-01-20,redeem,5\nA,2025-03-04,earn,9\nB,2025-03-05,earn,5"), Params())
    assert told.refused is not None and told.refused.key == "points.refused.young"


def test_the_curve_can_be_taken_from_all_months(steady: Warehouse) -> None:
    few = points.run(steady, Params(window=2)).estimates["redemption"]
    assert few.value == pytest.approx(0.5)
    assert points.run(steady, replace(Params(), window=0)).estimates["redemption"].value == pytest.approx(0.5)


def test_the_demo_adds_up_and_carries_its_planted_prices(demo_house: Warehouse) -> None:
    told = points.run(demo_house, Params())
    lines = told.tables["identity"].set_index("item")["points"]
    assert lines["outstanding"] == lines["balances"] == lines["lots"] > 0
    assert told.estimates["cost_per_point"].value == pytest.approx(0.012)
    closed = told.tables["vintages"].query("outstanding == 0")["redeemed_share"]
    assert closed.min() - 0.02 < told.estimates["redemption"].value < closed.max()
    assert told.tables["curve"]["still_share"].iloc[-1] == pytest.approx(
        0, abs=1e-9
    )  # a year and a month after they were earned none is left
    assert len(told.tables["curve"]) == 14
    assert told.tables["schedule"]["month"].iloc[-1].date() == date(2026, 10, 1)


def test_months_only_and_no_prices(shop: Shop, shared_data: Path) -> None:
    jobs._load({"workspace": "airline", "paths": [str(shared_data / "Customer Flight Activity 2017H1.csv")], "answers": {}})
    told = points.run(open_current(Access(workspace="airline")), Params())
    moved = told.tables["movements"]
    assert (moved["redeemed"].sum(), told.tables["rewards"]["cost"].sum()) == (2_684_811, 217_414)
    assert told.estimates["cost_per_point"].value == pytest.approx(217_414 / 2_684_811)
    assert told.verdict.key == "points.verdict.begun.cost"
    assert isinstance(told.tables["vintages"], pd.DataFrame)
    assert {"redemption", "liability", "deferred_revenue"} & set(told.estimates) == set()
