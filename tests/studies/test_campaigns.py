"""Campaigns by hand: what the arms say after cost, what no lot allows to say, whom they move; the demo's planted campaign."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from analytics import demo, studies
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.results import Result
from analytics.studies.campaigns import STUDY, Params, members, parts
from analytics.studies.campaigns_figures import draw, named
from analytics.warehouse import Warehouse
from tests.studies.experiments import END, START, Load, experiment, halves, load, name, orders
from tests.studies.test_catalogue import _sound

__all__ = ["load"]  # the fixture

LATE = START + timedelta(days=60)


def campaigns(house: Warehouse, **params: Any) -> Result:
    return studies.answer(STUDY, house, Params(**params))


def sold(*rows: tuple[int, date, float, float]) -> str:
    """(customer, day, amount, margin)."""
    lines = [f"{at},{name(who)},{day},{amount},{margin}" for at, (who, day, amount, margin) in enumerate([*rows, (9999, END, 1.0, 0.5)])]
    return "\n".join(["order id,customer id,order date,amount,margin", *lines])


def sent(campaign: str, *rows: tuple[int, date, str, str], cost: float = 1.0) -> str:
    """(customer, day, responded, opted out)."""
    lines = [f"{name(who)},{day},{campaign},{cost},{responded},{out}" for who, day, responded, out in rows]
    return "\n".join(["customer id,sent at,campaign id,contact cost,responded,opted out", *lines])


@pytest.fixture
def certain(load: Load) -> Warehouse:
    """Eighty customers. Every treated one brings a margin of 12, every withheld one 8; a contact costs 1, a redeemed reward .5."""
    rows = [(at, START + timedelta(days=3), 30.0, 8.0 if at % 2 else 12.0) for at in range(80)]
    rows.append((5_000, START - timedelta(days=9), 1.0, 0.5))
    mails = [(at, START, "yes" if at < 20 else "no", "yes" if at == 0 else "no") for at in range(0, 80, 2)]
    rewards = "\n".join(["customer id,date,event type,points,point cost", *[f"{name(at)},{START},redeem,10,0.5" for at in range(0, 80, 2)]])
    lot = experiment(halves(80, "offer", "control"), ends=f"{LATE}")
    return load(orders=sold(*rows), contacts=sent("Spring", *mails), points=rewards, experiments=lot)


def test_what_a_campaign_caused_is_margin_less_what_contacts_and_rewards_cost(certain: Warehouse) -> None:
    found = campaigns(certain)
    assert found.estimates["incremental"].value == pytest.approx(4)
    assert found.estimates["incremental_total"].value == pytest.approx(4 * 40)
    assert found.estimates["net"].value == pytest.approx(4 - 1 - 0.5)
    assert found.estimates["orders"].value == found.estimates["bought"].value == pytest.approx(0)
    assert (found.verdict.key, found.grade) == ("campaigns.verdict.gains.margin", "A")
    arms = found.tables["arms"].set_index("outcome")
    assert arms.loc["money", ["n", "controls", "mean"]].tolist() == [40, 40, 8]
    assert arms["p_holm"].notna().to_dict() == {"money": True, "orders": True, "bought": True, "net": False}


def test_the_funnel_and_the_response_count_customers_once(certain: Warehouse) -> None:
    found = campaigns(certain)
    assert found.tables["funnel"].set_index("step")["customers"].to_dict() == {"assigned": 40, "reached": 40, "responded": 10, "bought": 40}
    row = found.tables["campaigns"].iloc[0]
    assert (row["reached"], row["response_rate"], row["opted_out_rate"], row["cost"]) == (40, 0.25, 1 / 40, 40.0)
    assert found.estimates["response_rate"].n == 40
    assert found.estimates["response_rate"].low == pytest.approx(0.1419, abs=1e-3)  # Wilson, 10 of 40


def test_a_sale_after_the_end_is_not_the_campaigns(load: Load) -> None:
    rows = [(at, START, 10.0, 5.0) for at in range(80)] + [(at, LATE + timedelta(days=1), 500.0, 400.0) for at in range(0, 80, 2)]
    found = campaigns(load(orders=sold(*rows), experiments=experiment(halves(80, "offer", "control"), ends=f"{LATE}")))
    assert found.estimates["incremental"].value == pytest.approx(0)
    assert found.verdict.key == "campaigns.verdict.unclear.margin"


def test_without_margin_money_is_net_sales_and_nothing_is_said_of_cost(load: Load) -> None:
    rows = [(at, START, 10.0 + at % 2 * -4.0) for at in range(80)]
    found = campaigns(load(orders=orders(*rows), experiments=experiment(halves(80, "offer", "control"))))
    assert found.estimates["incremental"].value == pytest.approx(4)
    assert "net" not in found.estimates
    assert found.verdict.key == "campaigns.verdict.gains.net_sales"
    assert "campaigns.warnings.sales" in [note.key for note in found.warnings]


def test_every_arm_is_held_against_the_control_and_each_counts_as_a_question(load: Load) -> None:
    spent = {"mail": 12.0, "call": 15.0, "control": 10.0}
    arms = halves(180, "mail", "call", "control")
    rng = np.random.default_rng(1)
    rows = [(at, START, spent[arm] + float(rng.normal())) for at, arm in enumerate(arms)]
    found = campaigns(load(orders=orders(*rows), experiments=experiment(arms)))
    table = found.tables["arms"]
    money = table[table["outcome"] == "money"].set_index("arm")
    assert money["effect"].to_dict() == {"call": pytest.approx(5, abs=0.6), "mail": pytest.approx(2, abs=0.6)}
    assert (table["p_holm"] >= table["p"]).all()
    assert found.estimates["incremental"].value == pytest.approx(3.5, abs=0.6)  # both arms together
    assert found.estimates["incremental"].n == 180


@pytest.mark.parametrize(
    ("arms", "status"),
    [
        (["offer"] * 80, "one_arm"),
        (["red", "blue"] * 40, "no_control"),
        (["offer", "control"] * 20, "few"),
        (["control" if at % 5 < 2 else "offer" for at in range(2_000)], "sample_ratio"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(load: Load, arms: list[str], status: str) -> None:
    found = campaigns(load(orders=orders((1, START, 5.0)), experiments=experiment(arms)))
    assert found.refused is not None and found.refused.key == f"campaigns.status.{status}"
    assert not found.estimates and found.grade is None
    assert found.tables["tests"]["status"].tolist() == [status]
    for language in LANGUAGES:
        assert Words(language).note(found.refused)
    assert draw(found, Words("en")) == ()


def test_a_campaign_whose_lot_cannot_be_read_is_told_by_its_response_and_the_reason(load: Load) -> None:
    mails = [(at, START, "yes" if at % 4 == 0 else "no", "no") for at in range(80)]
    lot = experiment(["red", "blue"] * 40)
    found = campaigns(load(orders=sold((1, START, 5.0, 2.0)), contacts=sent("Spring", *mails), experiments=lot))
    assert found.refused is None and found.grade is None
    assert found.verdict.key == "campaigns.status.no_control"
    assert found.estimates.keys() == {"response_rate"}
    assert "campaigns.status.no_control" not in [note.key for note in found.warnings]  # said once


def test_a_campaign_that_is_not_there_is_an_error_that_names_those_that_are(certain: Warehouse) -> None:
    with pytest.raises(UserError) as told:
        campaigns(certain, campaign="Sprnig")
    assert told.value.facts["allowed"] == "Spring"


def test_a_control_arm_that_is_named_and_a_plan_that_is_told_are_read(load: Load) -> None:
    rows = [(at, START, 10.0 + at % 3) for at in range(1_000)]
    house = load(orders=orders(*rows), experiments=experiment(["blue" if at % 5 < 2 else "red" for at in range(1_000)]))
    assert campaigns(house, control="blue").refused is not None  # forty to sixty is no usual plan
    found = campaigns(house, control="blue", withheld=0.4)
    assert found.refused is None
    assert found.tables["tests"][["withheld", "planned"]].iloc[0].tolist() == [0.4, 0.4]


def test_customers_in_two_arms_are_in_none_and_experiments_on_the_same_customers_are_named(load: Load) -> None:
    rows = [(at, START, 10.0 + at % 3) for at in range(100)]
    first = experiment(halves(100, "offer", "control")) + f"\nSpring,{name(0)},control,{START},{START},"
    other = experiment(halves(60, "control", "mail"), called="Letters").split("\n", 1)[1]
    found = campaigns(load(orders=orders(*rows), experiments=f"{first}\n{other}"))
    assert found.tables["tests"].set_index("experiment")["customers"].to_dict() == {"Spring": 99, "Letters": 60}
    notes = {note.key: note.facts for note in found.warnings}
    assert notes["campaigns.warnings.moved"] == {"n": 1, "experiment": "Spring"}
    assert notes["campaigns.warnings.together"] == {"one": "Letters", "other": "Spring", "n": 60}


@pytest.fixture
def answered(load: Load) -> Warehouse:
    """A campaign without any lot: of 400 customers those who bought much before respond more."""
    rng = np.random.default_rng(4)
    heavy = rng.random(400) < 0.4
    rows = [(at, START - timedelta(days=int(day)), 10.0) for at in range(400) for day in rng.integers(1, 100, 8 if heavy[at] else 1)]
    mails = [(at, START, "yes" if rng.random() < (0.6 if heavy[at] else 0.1) else "no", "no") for at in range(400)]
    return load(orders=orders(*rows), contacts=sent("Autumn", *mails))


def test_without_a_lot_there_is_response_and_no_effect(answered: Warehouse) -> None:
    found = campaigns(answered)
    assert found.verdict.key == "campaigns.verdict.response" and found.grade is None
    assert not {"incremental", "net", "orders", "bought", "uplift_area"} & set(found.estimates)
    assert not {"arms", "groups", "qini"} & set(found.tables)
    assert {"campaigns.warnings.not_effect", "campaigns.warnings.response_only"} <= {note.key for note in found.warnings}


def test_who_responds_is_ranked_and_called_so(answered: Warehouse) -> None:
    found = campaigns(answered)
    tenths = found.tables["tenths"]
    assert tenths["n"].sum() == 400
    assert tenths["response_rate"].iloc[:3].mean() > 0.45 > 0.15 > tenths["response_rate"].iloc[-3:].mean()
    assert list(found.tables["customers"]) == ["customer_id", "chance", "response"]
    assert len(members(answered, Params())) == 400
    english = Words("en").note(found.verdict)
    assert "responded" in english and "caused" not in english


def moving(load: Load) -> Warehouse:
    """Light buyers are moved by the campaign, heavy ones are not."""
    rng = np.random.default_rng(7)
    heavy, rows = rng.random(900) < 0.5, []
    for at in range(900):
        often = 2.0 if heavy[at] else 0.4 + 1.2 * (at % 2 == 0)
        rows += [(at, START - timedelta(days=int(day)), 10.0, 5.0) for day in rng.integers(1, 170, 8 if heavy[at] else 1)]
        rows += [(at, START + timedelta(days=int(day)), 10.0, 5.0) for day in rng.integers(0, 90, rng.poisson(often))]
    return load(orders=sold(*rows), experiments=experiment(halves(900, "offer", "control")))


def test_those_whom_a_campaign_moves_are_found_and_the_answer_travels(load: Load) -> None:
    house = moving(load)
    found = campaigns(house)
    assert found.estimates["uplift_area"].low > 0 > found.estimates["response_area"].value
    assert "campaigns.warnings.nobody_apart" not in [note.key for note in found.warnings]
    assert {"effect", "uplift"} <= set(found.tables["customers"])
    levels = found.tables["groups"].set_index(["dimension", "group"])
    assert levels.loc[("level", "low"), "q"] < 0.001
    assert set(parts(found)) == {"caused", "who", "response"}
    for language in LANGUAGES:
        words = Words(language, "EUR")
        figures = draw(found, words)
        assert [figure.key for figure in figures] == ["arms", "qini", "groups_level", "funnel"]
        for figure in figures:
            _sound(figure, words)
        for table in found.tables.values():
            assert len(named(table, words)) == len(table)
        json.dumps(studies.result_json(found, words, params=Params()), allow_nan=False)


def test_the_demos_campaign_did_what_was_planted(demo_house: Warehouse) -> None:
    known = demo.truth(demo_house.version)
    assert known is not None
    planted, found = known["realised"]["campaign"], campaigns(demo_house)
    effect = found.estimates["incremental"]
    assert (effect.low, effect.high) > (0, 0)
    assert effect.low <= planted["margin_per_assigned"] <= effect.high
    assert effect.n == planted["treated"] + planted["withheld"]
    total = found.estimates["incremental_total"]
    assert total.low <= planted["margin"] <= total.high
    orders_caused = found.estimates["orders"]
    assert orders_caused.low <= planted["orders_per_assigned"] <= orders_caused.high
    assert found.grade == "A"
    assert found.tables["groups"]["group"].tolist()[:4] == ["none", "low", "middle", "high"]
    assert len(found.tables["campaigns"]) == 25


def test_names_from_a_file_stay_text(load: Load) -> None:
    hostile = '"<b>x</b> & <a href=""http://tracker.example"">y</a>"'
    rows = [(at, START, 10.0 + at % 3) for at in range(80)]
    found = campaigns(load(orders=orders(*rows), experiments=experiment(halves(80, "offer", "control"), called=hostile)))
    for figure in draw(found, Words("en")):
        _sound(figure, Words("en"))


def test_contacts_without_a_campaign_are_locked(load: Load) -> None:
    locked = campaigns(load(contacts=f"customer id,sent at,contact channel,campaign id,responded\n{name(1)},{START},mail,,yes"))
    assert locked.refused is not None and locked.refused.key == "studies.needs_data"


def test_where_nothing_tells_customers_apart_there_are_no_groups(certain: Warehouse) -> None:
    assert "groups" not in campaigns(certain).tables  # nobody bought before, and there is no tier, region or channel
