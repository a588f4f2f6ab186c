"""Scenarios: equal to today where nothing is moved, by hand where something is, and what is refused with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.models.economics import Case, evaluate
from analytics.models.tier_moves import Members, ladder
from analytics.results import Estimate, Note, Unit
from analytics.studies import economics, scenarios
from analytics.studies.economics_case import Found
from analytics.studies.ledger import Ledger
from analytics.studies.points_known import Known
from analytics.studies.scenarios import Params
from analytics.studies.scenarios_inputs import Inputs
from analytics.studies.scenarios_tables import locked
from analytics.studies.scenarios_tiers import Standing, Tiers, counted_since, kind_of
from analytics.warehouse import Warehouse

N = 80  # members: half silver, half gold
MONTHS = pd.date_range("2025-01-01", periods=12, freq="MS")
COSTS = {"rewards": 300.0, "benefits": 200.0, "platform": 100.0, "people": 250.0, "communication": 50.0, "other": 100.0}  # a month


def standing() -> Standing:
    """Silver spends 60 but for ten who spend 95, and earns a point for each; gold spends 130 and earns two. Benefits cost 1 and 4 each."""
    tier, spent = np.repeat([0, 1], 40), np.r_[np.full(30, 60.0), np.full(10, 95.0), np.full(40, 130.0)]
    members = Members(tier=tier, metric=spent, points=spent * (1 + tier), benefits=1.0 + 3 * tier, margin=0.4 * spent)
    spending, earning = (np.bincount(tier, values) for values in (spent, members.points))
    rules = ladder(members, spending, earning, np.array([0.0, 100.0]))
    tiers = Tiers(
        names=("Silver", "Gold"), customers=np.array(["-"] * len(members), dtype=object), members=members, ladder=rules, locked=None
    )
    return Standing(members=N, points=float(members.points.sum()), benefits=200.0, tiers=tiers)


def known() -> Known:
    """A point is worth 0.02 and costs 0.01; four in five are redeemed, sooner or later; 5,000 are held and will cost 40."""
    share = Estimate(value=0.8, low=0.75, high=0.85, n=500, unit=Unit.SHARE)
    owed = Estimate(value=40.0, low=37.0, high=43.0, n=500, unit=Unit.MONEY)
    return Known(redemption=share, outstanding=5_000.0, liability=owed, cost_per_point=0.01, value_per_point=0.02)


@pytest.fixture
def inputs() -> Inputs:
    """Eighty members over a year: 1,000 of cost a month, an effect of 16 (12 to 20) each."""
    costs = {kind: np.full(12, amount) for kind, amount in COSTS.items()}
    rows = pd.DataFrame([(month, kind, "", "", amount, True) for month in MONTHS for kind, amount in COSTS.items()])
    rows.columns = pd.Index(["month", "kind", "category", "supplier", "amount", "told"])
    effect = Estimate(value=16.0, low=12.0, high=20.0, n=400, unit=Unit.MONEY)
    case = Case(treated=np.full(12, 80.0), costs=costs, effect=effect, strength=np.ones(12), own_margin=40_000.0)
    book = Ledger(rows=rows, unknown=(), complete=True)
    found = Found(months=MONTHS, ledger=book, costs=costs, treated=np.full(12, 80.0), case=case)
    return Inputs(found=found, known=known(), standing=standing())


def told(inputs: Inputs, **levers: float) -> dict[str, Estimate]:
    return dict(scenarios.answered(inputs, Params(**levers)).estimates)


def tier(inputs: Inputs, name: str, **levers: float) -> dict[str, float]:
    rows = scenarios.answered(inputs, Params(**levers)).tables["tiers"].set_index("tier")
    return {str(column): float(value) for column, value in rows.loc[name].items()}


def test_untouched_levers_give_the_answer_of_economics_to_the_last_digit(inputs: Inputs) -> None:
    assert isinstance(inputs.found, Found)
    assert inputs.found.case is not None
    wanted, got = economics.returns(evaluate(inputs.found.case, seed=7)), told(inputs, seed=7)
    assert {name: got[name] for name in ("roi", "npv", "probability", "payback")} == {
        name: wanted[name] for name in ("roi", "npv", "probability", "payback")
    }
    assert got["cost"].value == 12_000
    assert got["effect"].value == pytest.approx(16)
    assert got["liability"] == known().liability
    assert "changes" not in scenarios.answered(inputs, Params()).tables


def test_more_points_cost_more_are_owed_and_given_and_move_the_effect_by_an_assumption_only(inputs: Inputs) -> None:
    richer = told(inputs, earn=1.5)
    assert richer["cost"].value == pytest.approx(12_000 + 12 * 150)
    assert (richer["liability"].value, richer["liability"].high) == pytest.approx((60.0, 64.5))
    assert richer["outstanding"].value == pytest.approx(7_500)
    points = (30 * 60 + 10 * 95 + 40 * 260) * 0.02 * 0.8  # 210.4 in a year
    assert told(inputs)["given"].value == pytest.approx((points + 200) / 80)
    assert richer["given"].value == pytest.approx((1.5 * points + 200) / 80)
    more = (1.5 * points + 200) / (points + 200)
    assert richer["effect"].value == pytest.approx(16 * more**0.5)
    assert told(inputs, earn=1.5, response_high=0.0)["effect"].value == pytest.approx(16)
    assert told(inputs, earn=1.5, response_low=1.0)["effect"].value == pytest.approx(16 * more)


def test_lower_thresholds_move_members_and_with_them_points_benefits_and_costs(inputs: Inputs) -> None:
    silver, gold = (tier(inputs, name, thresholds=0.9) for name in ("Silver", "Gold"))  # 90: the ten who spend 95 come up
    assert (silver["members"], silver["members_then"], gold["members"], gold["members_then"]) == (40, 30, 40, 50)
    points = (30 * 60 + 20 * 95 + 40 * 260) / (30 * 60 + 10 * 95 + 40 * 260)
    benefits = (30 * 1 + 50 * 4) / 200
    changed = told(inputs, thresholds=0.9)
    assert changed["liability"].value == pytest.approx(40 * points)
    assert changed["cost"].value == pytest.approx(12_000 + 12 * (300 * (points - 1) + 200 * (benefits - 1)))
    before = (40 * 260 * 0.02 * 0.8 + 160) / (40 * 52)
    after = ((40 * 260 + 10 * 190) * 0.02 * 0.8 + 200) / (40 * 52 + 10 * 38)
    assert (gold["ratio"], gold["ratio_then"]) == pytest.approx((before, after))
    assert gold["ratio_then_low"] < gold["ratio_then"] < gold["ratio_then_high"]


def test_each_cost_has_its_lever(inputs: Inputs) -> None:
    assert told(inputs, reward_cost=0.5)["cost"].value == pytest.approx(12 * 850)
    assert told(inputs, reward_cost=0.5)["effect"].value == pytest.approx(16)
    assert told(inputs, reward_cost=0.5)["liability"].value == pytest.approx(20)
    assert told(inputs, benefits=2.0)["cost"].value == pytest.approx(12 * 1_200)
    assert told(inputs, budget=2.0)["cost"].value == pytest.approx(12 * 1_400)
    assert told(inputs, platform=2.0)["cost"].value == pytest.approx(12 * 1_100)
    assert told(inputs, enrolment=2.0)["cost"].value == pytest.approx(12 * 1_550)
    assert told(inputs, enrolment=2.0)["members"].value == 160


def test_competition_and_imitation_are_called_scenarios_and_take_from_the_effect(inputs: Inputs) -> None:
    lost = scenarios.answered(inputs, Params(match=1.0))
    assert lost.estimates["roi"].value == -1
    assert "payback" not in lost.estimates
    assert [note.key for note in lost.warnings] == ["scenarios.warnings.labelled"]
    row = lost.tables["against"].set_index("figure").loc["payback"]
    assert row["now"] > 0
    assert pd.isna(row["then"])
    course = told(inputs, half_life=6)["effect"].value
    assert course == pytest.approx(16 * np.mean(0.5 ** (np.arange(12) / 6)))


def test_a_payback_that_is_reached_only_in_the_scenario_is_no_change_of_one(inputs: Inputs) -> None:
    assert isinstance(inputs.found, Found)
    assert inputs.found.case is not None
    poor = replace(inputs.found.case, effect=Estimate(value=8.0, low=7.0, high=9.0, n=400, unit=Unit.MONEY))
    answer = scenarios.answered(replace(inputs, found=replace(inputs.found, case=poor)), Params(budget=0.1, reward_cost=0.1))
    assert answer.estimates["payback"].value == 1
    row = answer.tables["against"].set_index("figure").loc["payback"]
    assert pd.isna(row["now"])
    assert set(answer.tables["changes"]["estimate"]) == {"roi", "npv", "probability", "cost", "liability"}


def test_without_a_return_cost_points_and_tiers_still_move_and_the_reason_is_given(inputs: Inputs) -> None:
    assert isinstance(inputs.found, Found)
    lacking = Note(key="economics.lacking.margin")
    without = replace(inputs, found=replace(inputs.found, case=None, lacking=lacking))
    answer = scenarios.answered(without, Params(earn=1.5, match=0.5))
    assert answer.grade == "D"
    assert set(answer.estimates) == {"cost", "liability", "outstanding", "members", "given"}
    assert answer.estimates["cost"].value == pytest.approx(12 * 1_150)
    assert {"cumulative", "distribution"} & set(answer.tables) == set()
    assert answer.warnings[0].facts["reason"] is lacking
    assert answer.verdict.key == "scenarios.verdict.cost.changed"
    assert locked("match", without) is not None
    assert locked("match", inputs) is None


def test_points_without_a_known_share_redeemed_have_no_benefit_ratio(inputs: Inputs) -> None:
    unknown = replace(inputs, known=replace(known(), redemption=None, liability=None))
    answer = scenarios.answered(unknown, Params())
    assert "ratio" not in answer.tables["tiers"]
    assert "scenarios.warnings.no_ratio" in [note.key for note in answer.warnings]
    assert {"liability", "given"} & set(answer.estimates) == set()


def test_a_point_without_a_face_value_is_taken_at_cost_and_this_is_listed(inputs: Inputs) -> None:
    at_cost = replace(inputs, known=replace(known(), value_per_point=None))
    listed = scenarios.answered(at_cost, Params()).tables["assumptions"].set_index("assumption")
    assert listed.loc["face_at_cost", "setting"] == pytest.approx(1.0)  # 100 points
    assert "face_value" not in listed.index


def test_every_lever_that_is_an_assumption_is_listed_with_its_setting(inputs: Inputs) -> None:
    listed = scenarios.answered(inputs, Params(match=0.3, half_life=24, response_high=0.5, margin=0.4)).tables["assumptions"]
    settings = dict(zip(listed["assumption"], listed["setting"], strict=True))
    assert {name: settings[name] for name in ("match", "half_life", "response_high", "margin")} == {
        "match": 0.3,
        "half_life": 24,
        "response_high": 0.5,
        "margin": 0.4,
    }
    assert all(Words(language).has(f"scenarios.assumptions.{name}") for language in LANGUAGES for name in settings)


def test_nothing_at_all_is_refused() -> None:
    nothing = Inputs(found=Note(key="economics.refused.no_costs"), known=None, standing=None)
    assert scenarios.answered(nothing, Params()).refused == Note(key="scenarios.refused.nothing")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("levers", [{}, {"earn": 1.4, "thresholds": 0.9, "match": 0.2}, {"match": 1.0}])
def test_the_answer_is_drawn_and_worded(language: str, levers: dict[str, float], inputs: Inputs) -> None:
    words, answer = Words(language, "EUR"), scenarios.answered(inputs, Params(**levers))
    figures = scenarios.STUDY.figures(answer, words)
    assert [figure.key for figure in figures] == ["cumulative", "distribution", "costs", "tiers", "ratios"]
    assert all(figure.title and len(figure.table) for figure in figures)
    json.dumps([figure.spec for figure in figures], allow_nan=False)
    json.dumps(studies.result_json(answer, words, params=Params(**levers)), allow_nan=False)
    assert all(words.note(note) for note in (answer.verdict, *answer.warnings))


def test_scenarios_stand_side_by_side_with_what_they_assume(inputs: Inputs) -> None:
    rows = scenarios.compared({"as now": (inputs, Params()), "rich": (inputs, Params(earn=1.5))})
    figures = rows[rows["part"] == "figure"].set_index(["scenario", "name"])
    assert figures.loc[("rich", "cost"), "value"] == pytest.approx(13_800)
    assert figures.loc[("as now", "cost"), "value"] == 12_000
    assert figures.loc[("rich", "roi"), "low"] < figures.loc[("rich", "roi"), "value"] < figures.loc[("rich", "roi"), "high"]
    settings = rows[rows["part"] == "setting"].set_index(["scenario", "name"])["value"]
    assert (settings["rich", "earn"], settings["as now", "earn"], settings["rich", "discount"]) == (1.5, 1.0, 0.08)
    assert not rows.duplicated(["scenario", "part", "name"]).any()
    for language in LANGUAGES:
        worded = scenarios.in_words(rows, Words(language, "EUR"))
        assert len(worded) == len(rows)
        assert not worded.isin(["earn", "roi"]).any(axis=None)


def test_what_was_kept_is_read_again_and_what_is_no_longer_known_is_left_out() -> None:
    kept = json.loads(json.dumps(asdict(Params(earn=1.5, half_life=12))))
    assert scenarios.from_kept({**kept, "colour": "red"}) == Params(earn=1.5, half_life=12)
    assert scenarios.from_kept({"earn": 1.5}) == Params(earn=1.5)


def test_levers_are_set_by_name_and_kept_within_their_bounds() -> None:
    assert studies.params_from(scenarios.STUDY, {"earn": "1.2", "half_life": "18"}) == Params(earn=1.2, half_life=18)
    with pytest.raises(UserError, match="bad_param"):
        studies.params_from(scenarios.STUDY, {"match": "1.2"})


@pytest.mark.parametrize(
    ("metric", "kind"),
    [
        ("net sales of the last 12 months", "spend"),
        ("Annual spend", "spend"),
        ("points earned in 12 months", "points"),
        ("number of orders", "orders"),
        ("order value, 24 months", "spend"),
        ("近12个月净销售额", "spend"),
        ("年度消费金额", "spend"),
        ("累计消费次数", "orders"),
        ("近一年成长值", "points"),
        ("消费", "spend"),
        ("NPS", None),
        ("", None),
    ],
)
def test_what_a_metric_counts_is_read_from_its_words(metric: str, kind: str | None) -> None:
    assert kind_of(metric) == kind


@pytest.mark.parametrize(
    ("metric", "since"),
    [
        ("net sales of the last 12 months", "2024-01-01"),
        ("spend in 90 days", "2024-10-03"),
        ("近6个月消费", "2024-07-01"),
        ("近2年消费", "2023-01-01"),
        ("spend", "2024-01-01"),
        ("lifetime points", "1900-01-01"),
    ],
)
def test_how_far_back_it_counts_too(metric: str, since: str) -> None:
    assert counted_since(metric, pd.Timestamp("2025-01-01")) == pd.Timestamp(since)


# --- read from data


def test_what_is_assumed_of_points_takes_the_place_of_what_the_data_cannot_tell(home: Path, tmp_path: Path) -> None:
    files = {name: TIERED[name] for name in ("people", "orders")}
    files["points"] = TIERED["points"] + "\nC00,2024-08-01,redeem,100\n"
    house = _loaded(tmp_path, "w", files)
    without = scenarios.inputs(house, Params())
    assert without.worth is None
    assert without.known is not None
    assert without.known.liability is None
    params = Params(expected_redemption=0.5, value_per_point=0.02, cost_per_point=0.01)
    found = scenarios.inputs(house, params)
    assert found.worth is not None
    assert (found.worth.face, found.worth.redeemed.value) == (0.02, 0.5)
    answer = scenarios.answered(found, params)
    assert 0 < answer.estimates["liability"].value <= 1_015 * 0.01  # 1,115 earned, 100 redeemed
    assert answer.estimates["given"].value == pytest.approx(1_115 * 0.02 * 0.5 / 8)
    assert {"expected_redemption", "value_per_point", "cost_per_point"} <= set(answer.tables["assumptions"]["assumption"])


TIERED = {
    "people": "customer id,tier,enrolment date\n" + "\n".join(f"C{i:02d},{'Gold' if i < 3 else 'Silver'},2023-01-05" for i in range(8)),
    "rules": "tier,rank,metric,threshold\nGold,2,net sales of the last 7 months,100\nSilver,1,net sales of the last 7 months,\n",
    "orders": "order id,customer id,order date,amount,margin\n"
    + "\n".join(f"o{i},C{i:02d},2024-06-{10 + i},{130 if i < 3 else 95 if i == 3 else 60},{10 + i}" for i in range(8))
    + "\nold,C07,2023-05-01,500,200\nearly,C06,2024-03-01,40,8\nback,C04,2024-06-20,-10,-4\nlast,C07,2024-12-31,1,1\n",
    "points": "customer id,date,event type,points\n"
    + "\n".join(f"C{i:02d},2024-06-{10 + i},earn,{260 if i < 3 else 95 if i == 3 else 60}" for i in range(8)),
    "perks": "customer id,benefit,promised on,delivered on,benefit cost\n"
    + "\n".join(f"C{i:02d},gift,2024-07-01,2024-07-02,{4 if i < 3 else 1}" for i in range(8)),
}


@pytest.fixture(scope="module")
def tiered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Eight members: three gold, five silver of whom one is near the threshold; one who spent much is long past."""
    folder = tmp_path_factory.mktemp("tiered")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder / "home"))
        yield _loaded(folder, "shop", TIERED)


def _loaded(folder: Path, workspace: str, files: dict[str, str]) -> Warehouse:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    jobs._load({"workspace": workspace, "paths": [str(folder / f"{name}.csv") for name in files], "answers": {}})
    return open_current(Access(workspace=workspace))


def test_members_and_rates_are_read_from_the_last_twelve_months(tiered: Warehouse) -> None:
    found = scenarios.inputs(tiered, Params())
    assert found.standing is not None
    assert found.tiers is not None
    assert (found.standing.members, found.standing.points, found.standing.benefits) == (8, 3 * 260 + 95 + 4 * 60, 17)
    assert found.tiers.names == ("Silver", "Gold")
    assert found.tiers.locked is None
    assert found.tiers.ladder.thresholds is not None
    assert found.tiers.ladder.thresholds.tolist() == [0, 100]
    assert found.tiers.ladder.earning.tolist() == pytest.approx(
        [335 / 376, 2.0]
    )  # 95 + 4 x 60 points, for that, 40 and 1; a refund takes none back
    assert found.tiers.ladder.benefit.tolist() == [1.0, 4.0]
    assert found.tiers.members.metric.tolist() == [130, 130, 130, 95, 50, 60, 60, 61]  # of the last seven months only
    assert found.tiers.members.margin.tolist() == [10, 11, 12, 13, 10, 15, 24, 18]  # of the last twelve


def test_an_assumed_margin_takes_the_place_of_the_one_on_file(tiered: Warehouse) -> None:
    found = scenarios.inputs(tiered, Params(margin=0.5))
    assert found.tiers is not None
    assert found.tiers.members.margin.tolist() == [65, 65, 65, 47.5, 25, 30, 50, 30.5]


def test_the_whole_study_answers_over_data_with_its_reasons(tiered: Warehouse) -> None:
    answer = studies.answer(scenarios.STUDY, tiered, Params(thresholds=0.9))
    rows = answer.tables["tiers"].set_index("tier")
    assert rows["members_then"].to_dict() == {"Silver": 4, "Gold": 4}
    assert answer.estimates["cost"].value == pytest.approx(17 * (17 + 3) / 17)  # one more gets 4 instead of 1
    assert answer.grade == "D"
    assert "roi" not in answer.estimates


def test_points_alone_make_members_and_so_does_a_tier_without_any_date(home: Path, tmp_path: Path) -> None:
    points = "member_id,date,type,points\n" + "".join(f"C{n},2025-03-{1 + n:02d},earn,10\n" for n in range(9))
    earned = scenarios.inputs(_loaded(tmp_path, "points", {"points": points}), Params())
    assert scenarios.answered(earned, Params(enrolment=2.0)).estimates["members"].value == 18
    tiers = "Customer ID,Tier,Cancellation date\n" + "".join(
        f"C{n},{'Gold' if n < 4 else 'Silver'},{'2024-01-01' if n == 8 else ''}\n" for n in range(9)
    )
    filed = scenarios.answered(scenarios.inputs(_loaded(tmp_path, "tiers", {"tiers": tiers}), Params()), Params())
    assert filed.verdict.key == "scenarios.verdict.members.present"
    assert filed.tables["tiers"].set_index("tier")["members"].to_dict() == {"Gold": 4, "Silver": 4}


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("tier,rank\nGold,2\nSilver,1\n", "no_rules"),
        ("tier,rank,metric,threshold\nSilver,1,spend,0\nPlatinum,2,spend,9\n", "unnamed"),
        ("tier,rank,metric,threshold\nSilver,1,NPS,0\nGold,2,NPS,9\n", "unknown_metric"),
        ("tier,rank,metric,threshold\nSilver,1,points,0\nGold,2,points,9\n", "no_metric"),
        ("tier,rank,metric,threshold\nSilver,1,spend,9\nGold,2,spend,9\n", "unordered"),
    ],
)
def test_thresholds_that_cannot_be_moved_say_why(rules: str, why: str, home: Path, tmp_path: Path) -> None:
    house = _loaded(tmp_path, "w", {"people": TIERED["people"], "orders": TIERED["orders"], "rules": rules})
    found = scenarios.inputs(house, Params())
    note = locked("thresholds", found)
    assert note is not None
    assert note.key == f"scenarios.locked.{why}"
    assert all(Words(language).note(note) for language in LANGUAGES)
    moved = scenarios.answered(found, Params(thresholds=0.5)).tables["tiers"]
    assert moved["members"].tolist() == moved["members_then"].tolist()


def test_the_demo_at_present_settings_is_economics_and_every_part_of_it_moves(demo_house: Warehouse) -> None:
    found = scenarios.inputs(demo_house, Params())
    today, wanted = scenarios.answered(found, Params()), economics.run(demo_house, economics.Params())
    shared = ("roi", "npv", "probability", "payback", "cost")
    assert {name: today.estimates.get(name) for name in shared} == {name: wanted.estimates.get(name) for name in shared}
    assert today.grade == wanted.grade
    richer = scenarios.answered(found, Params(earn=1.5, thresholds=0.8, platform=1.2))
    assert {name for name, told in richer.estimates.items() if told == today.estimates.get(name)} <= {"members", "payback"}
    ratios = today.tables["tiers"]
    assert ratios["ratio"].between(ratios["ratio_low"], ratios["ratio_high"]).all()
    assert found.tiers is not None
    assert found.tiers.ladder.earning / found.tiers.ladder.earning[0] == pytest.approx([1.0, 1.1, 1.25, 1.5, 2.0], rel=0.03)  # as planted
