"""Small customers of a shop worked out by hand: who is small, who moved up, what goes with being left alone, tiers, refusals."""

from __future__ import annotations

import json
from datetime import date

import pytest

from analytics import studies
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies import small_customers
from analytics.studies.answers import params_from
from analytics.studies.small_customers import Params, members, parts
from analytics.studies.small_customers_figures import named
from tests.studies.experiments import Load, load
from tests.studies.test_catalogue import HOSTILE, _sound

STUDY = studies.CATALOGUE["small_customers"]
__all__ = ["load"]

MONTHS = range(1, 10)  # of 2024
SMALL = BIG = 80


def paid(kind: str, who: int, month: int) -> int:
    """Small ones pay 10 a month, of the last three months some nothing, ten of them 200 at last; big ones 100 and more."""
    if kind == "B":
        return 100 + who
    if month > 6 and not (who < 30 or 40 <= who < 60):
        return 0
    return 200 if month == 9 and who < 10 else 10


def orders() -> str:
    rows = [("S", who) for who in range(SMALL)] + [("B", who) for who in range(BIG)]
    lines = [
        f"{kind}{who}-{month},{kind}{who:02d},2024-{month:02d}-15,{amount}"
        for kind, who in rows
        for month in MONTHS
        if (amount := paid(kind, who, month))
    ]
    return "\n".join(["order id,customer id,order date,amount", *lines, "last,B79,2024-09-30,1"])


def benefits() -> str:
    """1 to each small customer, 3 to each big one."""
    rows = [(f"S{who:02d}", 1) for who in range(SMALL)] + [(f"B{who:02d}", 3) for who in range(BIG)]
    lines = [f"{who},Gift,2024-03-20,2024-03-20,{cost}" for who, cost in rows]
    return "\n".join(["customer id,benefit,promised at,delivered at,cost", *lines])


def contacts() -> str:
    """Half of the small ones are written to in the quarter before the last."""
    return "\n".join(["customer id,date,channel,campaign id,cost", *[f"S{who:02d},2024-05-10,email,May,0.1" for who in range(40)]])


def tiers() -> str:
    """Small ones are Bronze, ten of them Silver from September on; big ones Silver."""
    evil = '"' + HOSTILE.replace('"', '""') + '"'
    rows = [f"S{who:02d},Bronze,2024-01-01,{'2024-09-09' if who < 10 else ''}" for who in range(SMALL)]
    rows += [f"S{who:02d},{evil},2024-09-10," for who in range(10)] + [f"B{who:02d},{evil},2024-01-01," for who in range(BIG)]
    return "\n".join(["customer id,tier,valid from,valid to", *rows])


def test_without_tiers_the_small_ones_are_those_who_brought_least_lately(load: Load) -> None:
    """On 30 August 50 small ones have bought within a month and 80 big ones: the lower half of 130 are the 50 and the 15 smallest big ones.
    Ten of them bring more than the lower half does in September: 10 of 65."""
    found = STUDY.run(load(orders=orders(), benefits=benefits(), contacts=contacts()), Params(months=1))
    assert found.estimates["moving_up"].value == pytest.approx(10 / 65)
    assert found.estimates["moving_up"].n == 65
    table = found.tables["attention"].set_index("tier")
    assert table["customers"].to_dict() == {"small": 65, "others": 65, "idle": 30}
    # in September the lower half are the 40 small ones who still pay 10 and 25 big ones
    assert table["rewards_share"]["small"] == pytest.approx((40 * 1 + 25 * 3) / 320)
    ratio = found.estimates["attention_small"]
    assert ratio.value == pytest.approx(table["rewards_share"]["small"] / table["value_share"]["small"])
    assert found.estimates["value_share_small"].value == pytest.approx(table["value_share"]["small"])
    assert {note.key.rsplit(".", 1)[-1] for note in found.warnings} >= {"association", "few_moved"}
    _neglect(found)


def _neglect(found: Result) -> None:
    """All 80 small ones had three orders by April. Of 40 who were written to 30 bought after June, of 40 who were not, 20."""
    one = found.estimates["neglect"]
    assert one.value == pytest.approx(20 / 40 - 30 / 40)
    assert one.n == 40
    table = found.tables["neglect"]
    assert table[["orders", "lately", "reached", "n"]].to_numpy().tolist() == [[3, True, False, 40], [3, True, True, 40]]
    assert table["rate"].tolist() == pytest.approx([0.5, 0.75])


def test_tiers_decide_where_their_history_is_known_and_every_part_is_drawn(load: Load) -> None:
    house = load(orders=orders(), tiers=tiers(), benefits=benefits(), contacts=contacts())
    found = STUDY.run(house, Params(months=1))
    assert (found.estimates["moving_up"].value, found.estimates["moving_up"].n) == (pytest.approx(10 / 80), 80)
    assert "Bronze" in Words("en").note(found.verdict)
    assert found.tables["attention"]["tier"].tolist() == ["Bronze", HOSTILE]
    assert found.tables["attention"]["small"].tolist() == [True, False]
    assert found.tables["attention"]["rewards_share"].tolist() == pytest.approx([70 / 320, 250 / 320])
    assert len(members(house, Params(months=1))) >= len(found.tables.get("customers", ()))
    for language in LANGUAGES:
        _drawn(found, Words(language, "EUR"))


def _drawn(found: Result, words: Words) -> None:
    json.dumps(studies.result_json(found, words), allow_nan=False)
    for part in parts(found).values():
        assert all(words.note(note) for note in part.warnings)
        for figure in STUDY.figures(part, words):
            _sound(figure, words)
    for table in found.tables.values():
        named(table, words)


def test_what_was_not_measured_is_said_and_the_horizon_is_shortened_to_what_the_data_hold_three_times_over(load: Load) -> None:
    found = STUDY.run(load(orders=orders()), Params(months=12))
    assert not {"attention_small", "attention_contacts_small", "neglect"} & found.estimates.keys()
    assert {"small_customers.warnings.no_rewards", "small_customers.warnings.no_contacts"} <= {note.key for note in found.warnings}
    assert found.verdict.key == "small_customers.verdict.value"
    (short,) = [note for note in found.warnings if note.key.endswith(".short")]
    assert short.facts == {"months": 2, "asked": 12, "day": date(2024, 7, 30)}


def test_too_few_days_or_customers_are_refused(load: Load) -> None:
    short = load(orders="order id,customer id,order date,amount\n1,A,2024-01-01,5\n2,B,2024-02-01,5")
    assert STUDY.run(short, Params()).refused == STUDY.run(short, Params()).verdict
    assert STUDY.run(short, Params()).verdict.key == "small_customers.refused.short"


def test_a_share_of_nobody_is_no_answer() -> None:
    with pytest.raises(UserError):
        params_from(STUDY, {"small": "0"})
    assert small_customers.Params().small == 0.5
