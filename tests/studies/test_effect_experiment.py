"""A programme's holdout: where the lot is found, when it counts from, what of it is told, what keeps it from being read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from analytics import studies
from analytics.models.evidence import Claim
from analytics.results import Result
from analytics.studies.effect import Params
from analytics.studies.effect_designs import Attempt, from_json, to_json
from analytics.studies.effect_experiment import attempt
from analytics.warehouse import Warehouse
from tests.studies.experiments import END, START, Load, experiment, halves, load, name, orders

__all__ = ["load"]  # the fixture

DAYS = (END - START).days + 1  # 92
MONTH = 30.4375


def claim(tried: Attempt) -> Claim:
    assert tried.claim is not None, tried
    return tried.claim


def spending(n: int, treated: float, withheld: float, before: float = 0.0) -> list[tuple[int, date, float]]:
    """Odd customers are withheld. Each spends once in the window, give or take a coin, and once before."""
    rng, rows = np.random.default_rng(5), []
    for at in range(n):
        rows.append((at, START + timedelta(days=at % DAYS), (withheld if at % 2 else treated) + float(rng.integers(0, 3))))
        rows.append((at, START - timedelta(days=1 + at % 60), 10.0 + before * (at % 2)))
    return rows


def people(n: int, columns: str, row: str, joined: str = "", kept_out: str = "") -> str:
    lines = [f"{name(at)},{row.format(holdout='yes' if at % 2 else 'no', joined=kept_out if at % 2 else joined)}" for at in range(n)]
    return "\n".join([f"customer id,{columns}", *lines])


def flagged(load: Load, n: int = 200, **more: float) -> Warehouse:
    members = people(n, "holdout,enrolment date", "{holdout},{joined}", joined=f"{START}")
    return load(orders=orders(*spending(n, 42.0, 30.0, **more)), customers=members)


def test_a_flag_is_read_from_the_first_enrolment_on_in_money_a_month(load: Load) -> None:
    tried = attempt(flagged(load), "net_sales")
    found = claim(tried)
    assert (found.first, found.last, found.treated, found.controls) == (START, END, 100, 100)
    assert found.effect.value == pytest.approx(12 / DAYS * MONTH, abs=0.15)
    assert found.effect.low < 12 / DAYS * MONTH < found.effect.high
    assert found.grade == "A"
    assert (tried.facts["source"], tried.facts["from"], tried.facts["planned"]) == ("flag", "enrolment", "50")
    assert tried.facts["joined_anyway"] == 0 and tried.facts["never_joined"] == 0
    assert set(tried.tables) == {"experiment_arms", "experiment_balance"}  # all spent alike before: there are no groups


def test_arms_that_differed_before_the_lot_beyond_chance_say_nothing(load: Load) -> None:
    tried = attempt(flagged(load, 600, before=9.0), "net_sales")
    assert claim(tried).grade == "D"
    assert [check.key for check in claim(tried).checks if check.passed is False] == ["balance"]


def test_a_claim_travels_through_json(load: Load) -> None:
    tried = attempt(flagged(load), "net_sales")
    assert from_json(to_json(tried)).claim == tried.claim


def test_days_outside_the_window_do_not_count_and_who_bought_nothing_is_zero(load: Load) -> None:
    """The treated spend 30 on the first and on the last day and 1,000 on the day after it and before; the withheld nothing."""
    ends = START + timedelta(days=29)
    days = ((START, 30.0), (ends, 30.0), (ends + timedelta(days=1), 1_000.0), (START - timedelta(days=1), 1_000.0))
    rows = [(at, day, amount) for at in range(0, 80, 2) for day, amount in days]
    rows += [(at, START - timedelta(days=1), 1_000.0) for at in range(1, 80, 2)]
    lot = experiment(halves(80, "offered", "control"), called="programme-2024-07-01", ends=f"{ends}")
    found = claim(attempt(load(orders=orders(*rows), experiments=lot), "net_sales"))
    assert found.last == ends
    assert found.effect.value == pytest.approx(60 / 30 * MONTH)
    assert found.controls == 40


def test_a_refund_in_the_window_takes_its_money_back(load: Load) -> None:
    rows = [(at, START + timedelta(days=2), 50.0) for at in range(0, 80, 2)] + [
        (at, START + timedelta(days=5), -20.0) for at in range(0, 80, 2)
    ]
    lot = experiment(halves(80, "offered", "control"), called="programme-2024-07-01")
    found = claim(attempt(load(orders=orders(*rows, (1, START - timedelta(days=90), 5.0)), experiments=lot), "net_sales"))
    assert found.effect.value == pytest.approx(30 / DAYS * MONTH)


def test_an_experiment_after_which_one_arm_joins_is_the_programmes_and_a_campaigns_is_not(load: Load) -> None:
    rows, arms = orders(*spending(200, 42.0, 30.0)), experiment(halves(200, "club", "control"), called="Club test")
    joined = people(200, "enrolment date", "{joined}", joined=f"{START}")
    found = attempt(load(orders=rows, experiments=arms, customers=joined), "net_sales")
    assert found.facts["experiment"] == "Club test"
    assert claim(found).grade == "A"


def test_an_experiment_that_moves_nobody_into_the_programme_is_a_campaigns(load: Load) -> None:
    rows, arms = orders(*spending(200, 42.0, 30.0)), experiment(halves(200, "mail", "control"), called="Mailing")
    both = people(200, "enrolment date", "{joined}", joined="2023-03-01", kept_out="2023-03-01")
    tried = attempt(load(orders=rows, experiments=arms, customers=both), "net_sales")
    assert (tried.claim, tried.lacking, tried.facts) == (None, "other_lots", {"experiments": "Mailing"})


def test_the_only_experiment_of_data_without_members_decides_unless_customers_were_contacted_for_it(load: Load) -> None:
    rows, arms = orders(*spending(200, 42.0, 30.0)), experiment(halves(200, "in", "control"), called="T1")
    house = load(orders=rows, experiments=arms)
    assert claim(attempt(house, "net_sales")).grade == "A"
    sent = "\n".join(["customer id,sent at,campaign id", *[f"{name(at)},{START},T1" for at in range(0, 200, 2)]])
    assert attempt(load(contacts=sent), "net_sales").lacking == "other_lots"


def test_the_demos_lot_is_a_campaigns(demo_house: Warehouse) -> None:
    tried = attempt(demo_house, "margin")
    assert (tried.claim, tried.lacking, tried.facts) == (None, "other_lots", {"experiments": "Summer tasting 2026"})


def test_a_lot_that_somebody_sorted_gives_no_estimate(load: Load) -> None:
    arms = ["control" if at % 5 in (0, 1) else "club" for at in range(2_000)]  # forty to sixty
    tried = attempt(load(orders=orders((1, START, 5.0)), experiments=experiment(arms, called="programme-1")), "net_sales")
    assert (tried.claim, tried.lacking) == (None, "sample_ratio")
    assert (tried.facts["controls"], tried.facts["treated"], tried.facts["withheld"]) == (800, 1_200, "40")


def test_a_plan_that_is_told_is_what_the_arms_are_held_against(load: Load) -> None:
    arms = ["control" if at % 5 in (0, 1) else "club" for at in range(1_000)]
    rows = [(at, START + timedelta(days=at % 90), 5.0 + at % 7) for at in range(1_000)]
    house = load(orders=orders(*rows), experiments=experiment(arms, called="programme-1"))
    assert attempt(house, "net_sales").lacking == "sample_ratio"
    assert claim(attempt(house, "net_sales", withheld=0.4)).grade == "A"


@pytest.mark.parametrize(
    ("arms", "starts", "lacking"),
    [
        (["club", "control"] * 29, f"{START}", "few"),
        (["red", "blue"] * 50, f"{START}", "no_control"),
        (["club", "control"] * 50, f"{END - timedelta(days=20)}", "too_early"),
        (["club"] * 50, f"{START}", "no_control"),
    ],
)
def test_what_a_lot_lacks_is_named(load: Load, arms: list[str], starts: str, lacking: str) -> None:
    lot = experiment(arms, called="programme-1", starts=starts)
    tried = attempt(load(orders=orders((1, START - timedelta(days=9), 5.0)), experiments=lot), "net_sales")
    assert (tried.claim, tried.lacking) == (None, lacking)


def test_without_any_lot_and_without_that_money_it_is_said(load: Load) -> None:
    house = load(orders=orders((1, START, 5.0)))
    assert attempt(house, "net_sales").lacking == "no_lot"
    lot = experiment(halves(80, "in", "control"), called="programme-1")
    assert attempt(load(experiments=lot), "margin").lacking == "no_money"


def test_who_joined_though_withheld_and_who_never_did_is_told(load: Load) -> None:
    lines = [f"{name(at)},{'yes' if at % 2 else 'no'},{START if at % 4 in (0, 1) else ''}" for at in range(200)]
    members = "\n".join(["customer id,holdout,enrolment date", *lines])
    facts = attempt(load(orders=orders(*spending(200, 42.0, 30.0)), customers=members), "net_sales").facts
    assert (facts["joined_anyway"], facts["never_joined"]) == (0.5, 0.5)


def test_a_flag_without_any_date_counts_from_the_first_day_of_the_data(load: Load) -> None:
    house = load(orders=orders(*spending(200, 42.0, 30.0)), customers=people(200, "holdout", "{holdout}"))
    tried = attempt(house, "net_sales")
    assert tried.facts["from"] == "data"
    assert claim(tried).first == START - timedelta(days=60)
    assert [check.passed for check in claim(tried).checks if check.key == "balance"] == [None]
    assert "experiment_balance" not in tried.tables


def answered(house: Warehouse) -> Result:
    return studies.answer(studies.CATALOGUE["effect"], house, Params())


def warned(result: Result) -> dict[str, Mapping[str, Any]]:
    return {note.key.removeprefix("effect.warnings."): note.facts for note in result.warnings}


def test_a_test_that_says_nothing_of_the_programme_and_its_arms_taken_together_are_named(load: Load) -> None:
    lot = experiment(halves(201, "red", "blue", "control"))
    rows = [(at, START + timedelta(days=at % DAYS), 30.0 + at % 5) for at in range(201)]
    told = warned(answered(load(orders=orders(*rows), experiments=lot)))
    assert told["some_test"] == {"experiment": "Spring"}
    assert told["together"] == {"n": 2, "arms": "blue, red"}
    assert not {"since_data", "diluted"} & told.keys()


def test_a_lot_of_our_own_needs_no_such_warning(load: Load) -> None:
    lot = experiment(halves(200, "treatment", "control"), called="programme-2024-07-01")
    told = warned(answered(load(orders=orders(*spending(200, 42.0, 30.0)), experiments=lot)))
    assert not {"some_test", "together", "since_data", "diluted"} & told.keys()


def test_a_flag_whose_beginning_is_unknown_and_one_that_was_not_kept_to_are_warned_of(load: Load) -> None:
    dateless = warned(answered(load(orders=orders(*spending(200, 42.0, 30.0)), customers=people(200, "holdout", "{holdout}"))))
    assert dateless["since_data"]["first"] < START
    lines = [f"{name(at)},{'yes' if at % 2 else 'no'},{START if at % 4 in (0, 1) else ''}" for at in range(200)]
    members = "\n".join(["customer id,holdout,enrolment date", *lines])
    assert warned(answered(load(orders=orders(*spending(200, 42.0, 30.0)), customers=members)))["diluted"] == {
        "joined": "50",
        "never": "50",
    }


@pytest.mark.parametrize("arms", [("red", "blue"), ("red",)])
def test_a_lot_without_a_control_is_the_reason_to_refuse(load: Load, arms: tuple[str, ...]) -> None:
    result = answered(load(orders=orders(*spending(200, 42.0, 30.0)), experiments=experiment(halves(200, *arms))))
    assert result.grade == "D" and result.refused is not None
    assert getattr(result.refused.facts["reason"], "key", "") == "effect.lacking.experiment.no_control"
