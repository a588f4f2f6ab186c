"""The effect by hand: what each kind of data can say, which grade, what is refused and why, what is left out of the number."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics import studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.effect import Params, parts, reasons, way
from analytics.studies.effect_figures import draw, named
from analytics.warehouse import Warehouse, open_warehouse
from tests.conftest import Cli, run_cli
from tests.studies.conftest import Shop

FIRST = date(2024, 1, 1)
GAIN, BURST = 8.0, 60.0
CUSTOMERS = "customer id,enrolled on,member"


def effect(house: Warehouse, **params: Any) -> Result:
    return studies.answer(studies.CATALOGUE["effect"], house, Params(**params))


def month(number: int) -> date:
    return date(FIRST.year + number // 12, number % 12 + 1, 1)


def buying(n: int = 400, months: int = 18, *, margin: bool = False, seed: int = 1) -> tuple[str, str]:
    """(orders, customers): one order a customer and month around 30. The even ones join in month 7 to 11, at a burst of 60, and buy for 8
    more from the month after; they bought for 10 more all along."""
    rng, rows = np.random.default_rng(seed), []
    joined = {who: 7 + who % 5 for who in range(0, n, 2)}
    for who in range(n):
        for at in range(months):
            since = at - joined.get(who, 99)
            amount = 30 + 10 * (who in joined) + GAIN * (since >= 1) + BURST * (since == 0) + rng.normal(0, 4)
            amount = max(amount, 1.0)
            share = f",{amount / 4:.2f}" if margin else ""
            rows.append(f"{who}-{at},C{who:03d},{month(at) + timedelta(days=1 + who % 25)},{amount:.2f}{share}")
    rows.append(f"last,C000,{month(months) - timedelta(days=1)},1.00" + (",0.25" if margin else ""))
    people = [
        f"C{who:03d},{month(joined[who]) + timedelta(days=who % 20) if who in joined else ''},{'yes' if who in joined else 'no'}"
        for who in range(n)
    ]
    return "\n".join(["order id,customer id,order date,amount" + (",margin" if margin else ""), *rows]), "\n".join([CUSTOMERS, *people])


@pytest.fixture(scope="module")
def home_of_joiners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("joiners")
    for name, text in zip(("orders", "customers"), buying(), strict=True):
        (home / f"{name}.csv").write_text(text + "\n", encoding="utf-8")
    run_cli(home, "import", home / "orders.csv", home / "customers.csv", "--workspace", "shop").done()
    return home


@pytest.fixture
def joiners(home_of_joiners: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    monkeypatch.setenv("LOYALTY_HOME", str(home_of_joiners))
    return open_warehouse(Access(workspace="shop"))


def test_enrolment_dates_give_the_planted_effect_without_the_month_of_joining(joiners: Warehouse) -> None:
    result = effect(joiners)
    told = result.estimates["effect"]
    assert told.low <= GAIN <= told.high
    assert told.value == pytest.approx(GAIN, abs=0.8)
    assert result.estimates["joining_month"].value == pytest.approx(BURST, abs=3)
    assert result.estimates["naive_gap"].value > GAIN + 8
    assert result.grade in ("B", "C")
    assert (told.n, told.level) == (200, 0.95)
    brought = result.tables["designs"].set_index("design")["brought"]
    assert brought["staggered"] == pytest.approx(30 + 10 + GAIN, abs=0.5)


def test_an_assumed_margin_scales_every_amount_and_says_so(joiners: Warehouse) -> None:
    sales, assumed = effect(joiners), effect(joiners, margin=0.25)
    for name in ("effect", "joining_month", "naive_gap"):
        assert assumed.estimates[name].value == pytest.approx(sales.estimates[name].value / 4)
    for name, column in (("event_study", "effect"), ("designs", "effect"), ("groups", "effect")):
        if name in sales.tables:
            assert assumed.tables[name][column].dropna().to_numpy() == pytest.approx(sales.tables[name][column].dropna().to_numpy() / 4)
    assert "effect.warnings.assumed" in {note.key for note in assumed.warnings}
    assert "effect.warnings.net_sales" in {note.key for note in sales.warnings}


def test_the_margin_of_the_data_is_taken_where_there_is_one(shop: Shop) -> None:
    orders, customers = buying(margin=True)
    result = effect(shop(orders=orders, customers=customers))
    assert result.estimates["effect"].value == pytest.approx(GAIN / 4, abs=0.2)
    assert "effect.warnings.net_sales" not in {note.key for note in result.warnings}


def test_more_before_joining_than_after_it_refuses_the_design() -> None:
    """Spending builds up before joining: the months before stand further from the base than those after do."""
    from dataclasses import replace

    from analytics.models.staggered import staggered
    from analytics.studies.effect_staggered import _drift
    from tests.models.joiners import Joiners
    from tests.models.joiners import joiners as world

    told = staggered(world(3, Joiners(effect=0.0, hidden=0.4)), ("middle", "high"))
    assert told is not None and told.placebo is not None
    assert told.placebo.high < 0
    small, large = (replace(told, effect=replace(told.effect, value=value)) for value in (0.5, 50.0))
    assert (_drift(small).passed, _drift(large).passed) == (False, True)
    chance = replace(small, placebo=replace(told.placebo, high=1.0))
    assert _drift(chance).passed is True
    assert _drift(replace(small, placebo=None)).passed is None


def test_every_design_is_told_with_a_number_or_with_what_it_lacks(joiners: Warehouse) -> None:
    result = effect(joiners)
    designs = result.tables["designs"].set_index("design")
    assert list(designs.index) == ["experiment", "staggered", "adjusted", "launch", "threshold"]
    assert designs["chosen"].sum() == 1
    assert designs.loc[designs["grade"] == "D", "effect"].isna().all()
    for language in LANGUAGES:
        words = Words(language, "GBP")
        assert all(words.note(note) for note in reasons(result))
    checks = result.tables["checks"]
    assert set(checks.loc[checks["design"] == "staggered", "check"]) == {"overlap", "pre_trend", "placebo", "drift", "breakdown"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_and_figure_is_worded(joiners: Warehouse, language: str) -> None:
    result, words = effect(joiners), Words(language, "GBP")
    assert words.note(result.verdict)
    assert all(words.note(note) for note in result.warnings)
    assert {"designs", "event_study"} <= {figure.key for figure in draw(result, words)}
    for table in ("designs", "checks", "event_study"):
        assert not set(named(result.tables[table], words).columns) & {"low", "effect", "check"}
    for part in parts(result).values():
        draw(part, words)


def test_what_else_happened_in_the_window_is_named(shop: Shop) -> None:
    orders, customers = buying(n=300)
    happened = "date,kind,text\n2024-10-01,competitor,Rival opens next door\n2020-01-01,shock,Long ago"
    result = effect(shop(orders=orders, customers=customers, events=happened))
    note = next(note for note in result.warnings if note.key == "effect.warnings.events")
    assert note.facts == {"n": 1, "list": "Rival opens next door"}


def refused(result: Result) -> str:
    """The reason's key of a refusal, which carries grade D and no effect."""
    assert result.grade == "D"
    assert result.refused is not None
    assert not {"effect", "joining_month"} & set(result.estimates)
    return str(getattr(result.refused.facts["reason"], "key", ""))


def test_a_flag_alone_is_refused_with_the_test_to_run(shop: Shop) -> None:
    orders, customers = buying(n=300)
    flags = "\n".join(["customer id,member", *(",".join(line.split(",")[::2]) for line in customers.splitlines()[1:])])
    result = effect(shop(orders=orders, customers=flags))
    assert refused(result) == "effect.lacking.staggered.no_dates"
    assert result.estimates["naive_gap"].value > 10
    assert "hidden_selection" in result.tables
    (note,) = result.warnings
    assert note.key == "effect.next"
    assert 0 < int(str(note.facts["withheld"])) < int(str(note.facts["customers"])) <= 300
    assert way(result) == "refused"


def test_without_any_membership_the_data_is_said_not_to_tell_it(shop: Shop) -> None:
    assert refused(effect(shop(orders=buying(n=60)[0]))) == "effect.lacking.staggered.no_members"


def test_who_joined_before_the_data_begins_cannot_be_read(shop: Shop) -> None:
    orders, customers = buying(n=200)
    early = customers.replace("2024-", "2020-")
    assert refused(effect(shop(orders=orders, customers=early))) == "effect.lacking.staggered.joined_before"


def test_joining_with_the_first_purchase_cannot_be_read(shop: Shop) -> None:
    rows = [f"{who}-{at},C{who:03d},{month(at) + timedelta(days=3)},20" for who in range(120) for at in range(who % 10, 16)]
    people = [f"C{who:03d},{month(who % 10) + timedelta(days=3)},yes" for who in range(120)]
    house = shop(orders="\n".join(["order id,customer id,order date,amount", *rows]), customers="\n".join([CUSTOMERS, *people]))
    assert refused(effect(house)) in ("effect.lacking.staggered.no_history", "effect.lacking.adjusted.no_others")


def test_a_lot_over_everything_is_graded_a(shop: Shop) -> None:
    rng, rows = np.random.default_rng(5), []
    for who in range(400):
        for at in range(12):
            amount = 30 + 6 * (who % 2 == 0 and at >= 6) + rng.normal(0, 3)
            rows.append(f"{who}-{at},C{who:03d},{month(at) + timedelta(days=1 + who % 25)},{amount:.2f}")
    arms = [f"pilot,C{who:03d},{'treatment' if who % 2 == 0 else 'control'},2024-07-01,2024-07-01,2024-12-31" for who in range(400)]
    house = shop(
        orders="\n".join(["order id,customer id,order date,amount", *rows]),
        experiments="\n".join(["experiment id,customer id,arm,assigned at,starts on,ends on", *arms]),
    )
    result = effect(house)
    assert result.grade == "A"
    assert result.estimates["effect"].low <= 6 <= result.estimates["effect"].high
    assert result.estimates["effect"].value == pytest.approx(6, abs=1)
    subject = result.verdict.facts["subject"]
    assert getattr(subject, "key", "") == "effect.subject.test"
    assert "pilot" in Words("en", "GBP").note(result.verdict)
    assert "naive_gap" not in result.estimates
    assert "joining_month" not in result.estimates


def test_an_offer_that_shares_its_months_with_nobody_is_refused_also_without_money(shop: Shop) -> None:
    rows = [f"C{who:03d},{month(at) + timedelta(days=2)}," for who in range(120) for at in range(12)]
    people = [
        f"C{who:03d},{month(4) if who < 40 else month(who % 3)},yes,{'Spring offer' if who < 40 else 'Standard'}" for who in range(120)
    ]
    house = shop(
        orders="\n".join(["customer id,order date,amount", *rows]), customers="\n".join([f"{CUSTOMERS},acquisition channel", *people])
    )
    assert refused(effect(house)) == "effect.lacking.adjusted.no_overlap_offer"


def test_without_amounts_nothing_is_said_in_money(shop: Shop) -> None:
    orders, customers = buying(n=60)
    bare = "\n".join([line if at == 0 else line.rsplit(",", 1)[0] + "," for at, line in enumerate(orders.splitlines())])
    assert refused(effect(shop(orders=bare, customers=customers))) == "effect.refused.no_money"


def test_the_terminal_gives_grade_d_also_where_the_study_is_locked(cli: Cli, write: Callable[..., Path]) -> None:
    cli("import", write("snapshot.csv", "customer id,churned\n1,yes\n2,no\n")).done()
    answer = cli("run", "effect").done().json
    assert (answer["grade"], answer["estimates"]) == ("D", {})
    assert "refused" in answer


def test_the_demo_holds_its_truth_and_names_the_gap(demo_house: Warehouse) -> None:
    result = effect(demo_house)
    known = json.loads(json.dumps(_truth(demo_house)))["realised"]["programme"]["groups"]["enrolled_in_window"]["margin"]
    told = result.estimates["effect"]
    assert told.low <= known <= told.high
    assert result.grade == "B"
    assert result.estimates["naive_gap"].value > 3 * told.value
    assert result.estimates["joining_month"].value > 5 * told.value
    assert {"channel", "region"} <= set(result.tables["groups"]["dimension"])
    assert (result.tables["groups"]["q"] >= 0).all()
    assert "tier" not in set(result.tables["groups"]["dimension"])


def _truth(house: Warehouse) -> Any:
    from analytics import demo

    return demo.truth(house.version)
