"""Key customers of a shop worked out by hand: the scores, who is in, what is not measured, the audit, the departments; and of the demo."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Result
from analytics.studies import key_customers as study
from analytics.studies.key_customers import Params
from analytics.studies.key_customers_figures import named
from analytics.warehouse import Warehouse
from tests.studies.test_catalogue import HOSTILE, _sound

NAMES = [f"{who:02d}" for who in range(1, 41)]
Load = Callable[..., Warehouse]


def months(who: int) -> int:
    """In how many of the last months a customer bought: 1 to 4, one order of `who` a month. All came in January with an order of 1."""
    return 1 + who % 4


def orders(*, amounts: bool = True, categories: bool = False) -> str:
    head = "order id,customer id,order date" + (",amount" if amounts else "") + (",category" if categories else "")
    rows = []
    for who in range(1, 41):
        days = [(date(2024, 1, 5), 1), *((date(2024, 12 - at, 28), who) for at in range(months(who)))]
        for at, (day, money) in enumerate(days):
            kind = ("Tea", "Coffee", "Cups")[(at + who % 2) % 3]
            rows.append(f"{who}-{at},{who:02d},{day}" + (f",{money}" if amounts else "") + (f",{kind}" if categories else ""))
    return "\n".join([head, *rows])


def people(count: int) -> str:
    """Half of them give no gender; the first twenty live in a place with an evil name."""
    evil = '"' + HOSTILE.replace('"', '""') + '"'
    rows = [f"{who:02d},{evil if who <= 20 else 'south'},{'f' if who % 2 else ''}" for who in range(1, count + 1)]
    return "\n".join(["customer id,region,gender", *rows])


def east_and_west() -> dict[str, str]:
    """A hundred customers in the east buy twice and much, a hundred in the west once and little; all came in January."""
    rows = [
        f"{who}-{at},{who:03d},2024-{12 - at:02d}-20,{20 + who % 7 if who < 100 else 5}"
        for who in range(200)
        for at in range(1 + (who < 100))
    ]
    old = [f"{who}-old,{who:03d},2024-01-05,1" for who in range(200)]
    file = [f"{who:03d},{'east' if who < 100 else 'west'},{'f' if who % 2 else 'm'}" for who in range(200)]
    return {
        "orders": "\n".join(["order id,customer id,order date,amount", *old, *rows]),
        "people": "\n".join(["customer id,region,gender", *file]),
    }


SHOPS = {
    "plain": {"orders": orders()},
    "units": {"orders": orders(amounts=False, categories=True)},
    "filed": {"orders": orders(), "people": people(35)},
    "parted": east_and_west(),
}


@pytest.fixture
def load(made_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Load:
    """The warehouse over one of the shops; all of them are loaded once, without processes."""

    def fill() -> None:
        folder = tmp_path_factory.mktemp("key_customers")
        for name, files in SHOPS.items():
            paths = [folder / f"{name}_{table}.csv" for table in files]
            for path, text in zip(paths, files.values(), strict=True):
                path.write_text(text + "\n", encoding="utf-8")
            jobs._load({"workspace": name, "paths": [str(path) for path in paths], "answers": {}})

    monkeypatch.setenv("LOYALTY_HOME", str(made_once("key_customers_home", fill)))
    return lambda name: open_current(Access(workspace=name))


def ask(house: Warehouse, **params: object) -> Result:
    return studies.answer(studies.CATALOGUE["key_customers"], house, Params(**params))


def percentile(values: list[float]) -> np.ndarray:
    """The share of customers who stand lower, equals at half."""
    return ((pd.Series(values).rank() - 0.5) / len(values) * 100).to_numpy()


def test_scores_totals_and_the_cut_are_as_by_hand(load: Load) -> None:
    house = load("plain")
    told = study.members(house, Params()).set_index("customer_id").loc[NAMES]
    power = percentile([who * months(who) for who in range(1, 41)])
    loyalty = percentile([months(who) for who in range(1, 41)])
    assert told["power"].to_numpy() == pytest.approx(power)
    assert told["loyalty"].to_numpy() == pytest.approx(loyalty)
    total = pd.Series((power + loyalty) / 2, index=NAMES)
    assert told["total"].to_numpy() == pytest.approx(total.to_numpy())
    assert set(told.index[told["inside"]]) == set(total.nlargest(8).index)
    result = ask(house)
    assert (result.estimates["scored"].value, result.estimates["selected"].value) == (40, 8)
    brought = {f"{who:02d}": who * months(who) + 1 for who in range(1, 41)}
    held = sum(brought[name] for name in total.nlargest(8).index) / sum(brought.values())
    assert result.estimates["key_share_of_value"].value == pytest.approx(held)


def test_the_way_to_the_cut_is_parted_among_the_scores(load: Load) -> None:
    told = study.members(load("plain"), Params())
    out, cut = told[~told["inside"]], told.loc[told["inside"], "total"].min()
    assert (out["total"] + out["short"]).to_numpy() == pytest.approx(cut)
    worst = np.where(out["power"] < out["loyalty"], "power", "loyalty")
    apart = (out["power"] != out["loyalty"]).to_numpy()
    assert (out["reason"].to_numpy() == worst)[apart].all()
    both = (out["power"] < cut) & (out["loyalty"] < cut)
    assert out.loc[both, "alone"].isna().all()
    assert (out.loc[~both, "alone"] == out.loc[~both, "reason"]).all()


def test_weights_decide_and_a_score_that_is_not_measured_has_none(load: Load) -> None:
    house = load("plain")
    only = study.members(house, Params(loyalty=0.0))
    assert only["total"].to_numpy() == pytest.approx(only["power"].to_numpy())
    assert ask(house).warnings[0].key == "key_customers.warnings.inside.lacking.needs"
    refused = ask(house, power=0.0, loyalty=0.0)
    assert refused.refused is not None and refused.refused.key == "key_customers.refused.no_weight"
    nobody = ask(house, least=100.0)
    assert nobody.refused is not None and nobody.refused.key == "key_customers.refused.nobody"


def test_without_amounts_purchasing_power_is_not_measured(load: Load) -> None:
    result = ask(load("units"))
    measured = result.tables["scores"].set_index("score")["measured"]
    assert not measured["power"] and measured["loyalty"]
    assert "key_customers.warnings.inside.lacking.power" in [note.key for note in result.warnings]


def test_whoever_is_not_on_file_is_ranked_on_the_other_scores_and_counted(load: Load) -> None:
    house = load("filed")
    told = study.members(house, Params()).set_index("customer_id").loc[NAMES]
    assert told["partly"].tolist() == [False] * 35 + [True] * 5
    assert told["needs"].isna().tolist() == [False] * 35 + [True] * 5
    assert told["total"].iloc[-1] == pytest.approx(told[["power", "loyalty"]].iloc[-1].mean())
    assert ask(house).estimates["partly"].value == 5


def test_an_incomplete_profile_can_be_all_that_keeps_a_customer_out(load: Load) -> None:
    told = study.members(load("filed"), Params(needs=50.0, share=0.5)).set_index("customer_id")
    without, given = ([f"{who:02d}" for who in range(first, 36, 2)] for first in (2, 1))
    assert told.loc[without, "needs"].max() < told.loc[given, "needs"].min()
    assert set(told.index[told["alone"] == "needs"]) <= set(without) and (told["alone"] == "needs").any()


def test_a_group_that_is_shut_out_is_flagged_and_what_is_not_known_is_not_called_fair(load: Load) -> None:
    result = ask(load("parted"))
    table = result.tables["exclusions"].set_index("group")
    assert table["flagged"].to_dict() == {"east": True, "west": True, "f": False, "m": False}
    assert table.loc["west", "share"] == 0 and table.loc["west", "brought_rate"] < 0.25
    (unknown,) = [note for note in result.warnings if note.key.endswith("not_measured")]
    said = Words("en").note(unknown)
    assert all(name in said for name in ("tier", "industry", "acquisition channel", "complaints")) and "region" not in said


def test_departments_are_compared_on_the_measured_scores_and_disputed_ones_stand_first(load: Load) -> None:
    house = load("plain")
    result = ask(house)
    weights = result.tables["departments"].set_index("department")
    assert weights.loc["sales"].to_dict() == pytest.approx({"power": 0.8, "loyalty": 0.2})
    assert weights.sum(axis=1).tolist() == pytest.approx([1, 1, 1])
    first = study.disputed(house, Params()).iloc[0]
    takes = [bool(first[f"in_{name}"]) for name in ("sales", "service", "finance")]
    assert any(takes) and not all(takes)
    assert result.estimates["agreement"].value == result.tables["agreement"]["tau"].min()


def test_it_travels_in_both_languages_and_hostile_names_stay_text(load: Load) -> None:
    house = load("filed")
    result = ask(house)
    for language in LANGUAGES:
        words = Words(language, "EUR")
        assert all(words.note(note) for note in (result.verdict, *result.warnings))
        for figure in studies.CATALOGUE["key_customers"].figures(result, words):
            _sound(figure, words)
        assert all("_" not in str(name) for table in result.tables.values() for name in named(table, words).columns)
        assert all(words.note(note) for note in study.definitions(house, Params()).values() if note is not None)
        json.dumps(studies.result_json(result, words, params=Params()), allow_nan=False)
    assert list(study.parts(result)) == ["inside", "outside", "departments", "audit"]


def test_the_demo_has_all_four_scores_and_new_customers_are_the_ones_left_out(demo_house: Warehouse) -> None:
    result = ask(demo_house)
    assert result.tables["scores"]["measured"].all()
    assert result.estimates["scored"].value == int(str(demo_house.value("select count(*) from customer_features where orders > 0")))
    assert 0.35 < result.estimates["key_share_of_value"].value < 0.65
    table = result.tables["exclusions"]
    lowest = table[table["flagged"]].sort_values("difference").iloc[0]
    assert (lowest["group"], bool(lowest["difference_high"] < -0.1)) == ("new", True)
    assert not table.loc[table["dimension"].isin(["region", "gender"]), "flagged"].any()
    assert {"complaints", "returns", "late"} == set(result.tables["special"]["handling"])
