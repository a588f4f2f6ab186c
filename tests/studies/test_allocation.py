"""The budget of a shop worked out by hand: who gets what for what they bring, what is assumed, what a lottery tells, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.results import Estimate, Unit
from analytics.studies.allocation import Params, parts
from analytics.studies.allocation_figures import named
from analytics.warehouse import Warehouse
from tests.studies.experiments import END, START, Load, experiment, halves, load, name, orders
from tests.studies.test_catalogue import HOSTILE, _sound

STUDY = studies.CATALOGUE["allocation"]
__all__ = ["load"]

LATE = START + timedelta(days=20)


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def customers(*groups: tuple[str, str, int]) -> str:
    """(tier, region, how many) as a list of customers, numbered through."""
    everyone = [(tier, region) for tier, region, n in groups for _ in range(n)]
    lines = [f"{name(at)},{quoted(tier)},{quoted(region)}" for at, (tier, region) in enumerate(everyone)]
    return "\n".join(["customer id,tier,region", *lines])


def benefits(*costs: float, called: str = "Gift") -> str:
    lines = [f"{name(at)},{called},{LATE},{LATE},{cost}" for at, cost in enumerate(costs) if cost]
    return "\n".join(["customer id,benefit,promised at,delivered at,cost", *lines])


def files() -> dict[str, str]:
    """Forty Low of the north bring 10 each and get 2, forty of the south 10 and 2, forty High of the north 30 and get 3."""
    return {
        "customers": customers(("Low", "north", 40), ("Low", HOSTILE, 40), ("High", "north", 40)),
        "orders": orders(*[(at, LATE, 10.0 if at < 80 else 30.0) for at in range(120)]),
        "benefits": benefits(*[2.0 if at < 80 else 3.0 for at in range(120)]),
    }


@pytest.fixture
def house(made_once: Callable[[str, Callable[[], object]], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """The shop, loaded once for all tests."""

    def fill() -> None:
        paths = [tmp_path / f"{part}.csv" for part in files()]
        for path, text in zip(paths, files().values(), strict=True):
            path.write_text(text + "\n")
        jobs._load({"workspace": "w", "paths": [str(path) for path in paths], "answers": {}})

    monkeypatch.setenv("LOYALTY_HOME", str(made_once("allocation_home", fill)))
    return open_current(Access(workspace="w"))


def test_the_budget_stands_beside_what_it_goes_with(house: Warehouse) -> None:
    """Low: 160 for 800, High: 120 for 1,200; all: 280 for 2,000 and .14. High has .1 of .14."""
    found = STUDY.run(house, Params(segment="region"))
    table = found.tables["present"].set_index(["tier", "segment"])
    assert table.loc[("Low", "north"), ["customers", "budget", "brought", "rate"]].tolist() == [40, 80, 400, 0.2]
    assert table.loc[("High", "north"), ["customers", "budget", "brought", "rate"]].tolist() == [40, 120, 1200, 0.1]
    assert found.estimates["rho_now"].value == pytest.approx(0.1 / 0.14)
    assert (found.estimates["budget"].value, found.estimates["budget"].unit) == (280, Unit.MONEY)
    tiers = found.tables["tiers"].set_index("tier")
    assert tiers.loc["Low", ["budget_share", "brought_share"]].tolist() == pytest.approx([160 / 280, 0.4])
    changes = found.tables["changes"]
    assert changes["now"].sum() == pytest.approx(changes["proposed"].sum())
    assert changes["change"].sum() == pytest.approx(0, abs=1e-6)
    assert (changes["change_share"].abs() <= 0.5 + 1e-9).all()
    # with an elasticity e all get (brought / present ** e) ** (1 / (1 - e)): near equal rates, where it would be 168 for High
    assert changes.loc[changes["tier"] == "High", "proposed"].sum() == pytest.approx(173.1, abs=1.3)
    assert found.estimates["price_of_fairness"].value == 0


def test_a_floor_under_those_who_respond_less_has_a_price(house: Warehouse) -> None:
    """With the low tier responding far more, a floor under the high one costs something, and the frontier falls."""
    found = STUDY.run(house, Params(segment="region", rho=0.95, tilt=-0.9))
    assert found.estimates["price_of_fairness"].value > 0
    assert found.estimates["gain"].value < found.estimates["gain_free"].value
    tiers = found.tables["tiers"].set_index("tier")
    assert tiers["proposed_ratio"].min() == pytest.approx(0.95, abs=1e-4)
    line = found.tables["frontier"].query("point != 'present'")
    assert (line["gain"].diff().dropna() <= 1e-9).all()
    (now,) = found.tables["frontier"].query("point == 'present'").to_dict("records")
    assert (now["gain"], now["rho"]) == (0.0, pytest.approx(0.1 / 0.14))


def test_a_floor_that_no_split_keeps_is_said_and_the_highest_is_proposed(house: Warehouse) -> None:
    """High may rise by a tenth to 132 of 280: .11 of .14."""
    found = STUDY.run(house, Params(segment="region", rho=1.0, max_change=0.1))
    assert found.verdict.key == "allocation.verdict.infeasible"
    assert found.estimates["rho_highest"].value == pytest.approx(0.11 / 0.14)
    tiers = found.tables["tiers"].set_index("tier")
    assert tiers.loc["High", "proposed_ratio"] == pytest.approx(0.11 / 0.14, abs=1e-4)
    frontier = found.tables["frontier"]
    assert frontier.loc[frontier["rho"] == 1.0, "feasible"].tolist() == [False]
    for language in LANGUAGES:
        words = Words(language, "EUR")
        json.dumps(studies.result_json(found, words), allow_nan=False)
        for part in parts(found).values():
            assert all(words.note(note) for note in part.warnings)
            for figure in STUDY.figures(part, words):
                _sound(figure, words)
        assert [len(named(table, words)) for table in found.tables.values()] == [len(table) for table in found.tables.values()]


def test_an_assumed_response_is_called_one_wherever_a_gain_is_told(house: Warehouse) -> None:
    words = Words("en", "EUR")
    found = STUDY.run(house, Params(segment="region", response=0.3))
    assert "Assumed, not measured: an elasticity of 0.30" in words.note(found.verdict)
    for tab in ("frontier", "changes"):
        assert parts(found)[tab].warnings[0].key == "allocation.warnings.assumed"
    now = found.tables["present"]
    implied = parts(found)["frontier"].warnings[0].facts["next"]
    assert isinstance(implied, Estimate)
    assert implied.value == pytest.approx(0.3 * now["brought"].sum() / now["budget"].sum())
    tenth = STUDY.run(house, Params(segment="region", response=0.03))
    assert tenth.estimates["gain"].value < found.estimates["gain"].value / 8  # it is all the assumption's


def test_a_lottery_over_rewards_replaces_the_assumption(load: Load) -> None:
    """The treated got a gift of 2 by the name of the experiment and brought 10 more: 5 a unit. All brought 120 * 25 = 3,000 for 120: the
    elasticity is 5 * .04 = .2."""
    arms = halves(120, "treated", "control")
    wobble = [(-1) ** (at // 2) * 0.5 for at in range(120)]
    sales = orders(*[(at, LATE, (30.0 if arm == "treated" else 20.0) + wobble[at]) for at, arm in enumerate(arms)])
    people = customers(("Low", "north", 60), ("High", "south", 60))
    gifts = benefits(*[2.0 if arm == "treated" else 0.0 for arm in arms], called="Spring")
    house = load(customers=people, orders=sales, benefits=gifts, experiments=experiment(arms, ends=f"{END}"))
    found = STUDY.run(house, Params(segment="region"))
    assert found.warnings[0].key == "allocation.warnings.measured"
    text = Words("en", "EUR").note(found.verdict)
    assert "Measured by the lottery 'Spring'" in text and "5.00" in text
    assert "Assumed" not in text


def test_without_rewards_there_is_no_budget_to_split(load: Load) -> None:
    people = customers(("Low", "north", 40), ("High", "south", 40))
    house = load(
        customers=people,
        orders=orders(*[(at, LATE, 10.0) for at in range(80)]),
        benefits=f"customer id,benefit,promised at,delivered at,cost\nC0001,Old,{date(2020, 1, 1)},{date(2020, 1, 1)},5",
    )
    found = STUDY.run(house, Params())
    assert found.refused is not None and found.refused.key == "allocation.refused.no_rewards"
    assert not found.estimates


def test_a_dimension_that_deals_by_person_is_not_offered(house: Warehouse) -> None:
    with pytest.raises(UserError):
        STUDY.run(house, Params(segment="gender"))
