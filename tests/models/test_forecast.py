"""Months ahead, worked out by hand where the arithmetic is ours, and held against the truth where a model decides."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.models.forecast import LEVELS, Paths, ahead, last_year, latest, structural, whole_months
from analytics.models.holdout import Holdout, covered, holdout, needed, scores, skill, wape, widening
from analytics.models.shocks import lasting


def days(first: str, last: str, value: float = 10.0) -> pd.Series:
    return pd.Series(value, index=pd.date_range(first, last, freq="D"))


def noisy(months: int, seed: int = 5, growth: float = 0.0, season: float = 0.0) -> pd.Series:
    """Days around 1,000 with 10 % noise each, a level that wanders by 1 % a week, and a yearly wave."""
    rng = np.random.default_rng(seed)
    index = pd.date_range("2023-01-01", periods=months, freq="MS")
    index = pd.date_range(index[0], index[-1] + pd.offsets.MonthEnd(0), freq="D")
    at = np.arange(len(index))
    level = np.cumsum(rng.normal(0, 0.01, len(index) // 7 + 1))[at // 7]
    wave = season * np.cos(2 * np.pi * at / 365.25)
    return pd.Series(1000 * np.exp(level + wave + growth * at / 365.25 + rng.normal(0, 0.1, len(index))), index=index).asfreq("D")


def paths(*draws: list[float]) -> Paths:
    return Paths(months=pd.date_range("2024-01-01", periods=len(draws[0]), freq="MS"), draws=np.array(draws))


def test_a_month_that_has_begun_comes_first_and_the_whole_ones_are_counted() -> None:
    begun = ahead(days("2024-01-01", "2024-03-10"), 2)
    assert [str(month.date()) for month in begun] == ["2024-03-01", "2024-04-01", "2024-05-01"]
    over = ahead(days("2024-01-01", "2024-02-29"), 2)
    assert [str(month.date()) for month in over] == ["2024-03-01", "2024-04-01"]


def test_whole_months_leave_out_those_that_are_cut() -> None:
    months = whole_months(days("2024-01-05", "2024-03-30"))
    assert months.to_dict() == {pd.Timestamp("2024-02-01"): 290.0}


def test_last_year_repeats_the_same_days() -> None:
    history = pd.Series(np.arange(1.0, 367.0), index=pd.date_range("2024-01-01", "2024-12-31"))  # the value is the day of the year
    assert last_year(history, ahead(history, 2)).median == pytest.approx([sum(range(1, 32)), sum(range(32, 61))])  # the leap day included


def test_the_last_four_weeks_are_repeated_weekday_by_weekday() -> None:
    index = pd.date_range("2024-01-01", "2024-06-30")
    history = pd.Series(np.where(index.day_of_week == 5, 50.0, 10.0), index=index).asfreq("D")
    # July 2024 has four Saturdays, August five
    assert latest(history, ahead(history, 2)).median == pytest.approx([27 * 10 + 4 * 50, 26 * 10 + 5 * 50])


def test_the_model_shares_a_week_that_straddles_two_months_by_its_weekdays() -> None:
    index = pd.date_range("2023-09-01", "2024-06-28")  # a Friday: the first week ahead holds two days of June
    history = pd.Series(np.where(index.day_of_week == 5, 50.0, 10.0), index=index).asfreq("D")
    june = structural(history, ahead(history, 1)).median[0]
    assert june == pytest.approx(50 + 10, rel=0.02)  # Saturday the 29th and Sunday the 30th


def test_futures_are_never_negative_and_the_same_every_time() -> None:
    history = noisy(14)
    first, again = (structural(history, ahead(history, 3)) for _ in range(2))
    assert (first.draws >= 0).all()
    assert np.array_equal(first.draws, again.draws)


def test_a_series_with_many_empty_weeks_is_forecast_without_logarithms() -> None:
    history = pd.Series(np.where(np.arange(300) % 21 == 0, 70.0, 0.0), index=pd.date_range("2024-01-01", periods=300)).asfreq("D")
    month = structural(history, ahead(history, 1))
    assert np.isfinite(month.draws).all()
    assert month.median[1] == pytest.approx(70 / 21 * 30, rel=0.3)  # November, after the rest of October


def test_a_yearly_wave_is_carried_into_the_next_year() -> None:
    history = noisy(30, season=0.3)
    told = structural(history, ahead(history, 6)).median
    truth = [1000 * np.exp(0.3 * np.cos(2 * np.pi * (len(history) + 15 + 30 * month) / 365.25)) * 30.4 for month in range(6)]
    assert np.corrcoef(told, truth)[0, 1] > 0.9
    assert told[5] > 1.3 * told[0]  # from the trough in July to the crest in January


def test_a_known_shock_is_not_carried_forward() -> None:
    history = noisy(14)
    history["2024-01-29":"2024-02-29"] *= 0.5  # the last 32 days
    shock = (pd.Timestamp("2024-01-29"), pd.Timestamp("2024-02-29"))
    plain, aware = structural(history, ahead(history, 1)), structural(history, ahead(history, 1), [shock])
    assert plain.median[0] < 0.65 * aware.median[0]
    assert aware.effects is not None
    value, low, high = aware.effects[0]
    assert low < -0.5 < high < 0
    assert value == pytest.approx(-0.5, abs=0.08)


def test_a_shock_lasts_as_many_weeks_as_it_was_planted_for() -> None:
    history = noisy(14)
    history["2023-11-06":"2023-12-10"] *= 0.65  # five weeks
    found = lasting(history, [pd.Timestamp("2023-11-06"), pd.Timestamp("2023-09-04"), pd.Timestamp("2023-02-06")])
    # nothing happened in September; in February there is not enough history to tell
    assert found == [(pd.Timestamp("2023-11-06"), pd.Timestamp("2023-12-10")), None, None]


def test_widening_moves_each_bound_by_its_own_factor() -> None:
    even = paths(*([float(value)] for value in range(1001)))  # 0 to 1000, the middle is 500
    wide = even.widened((1.0, 2.0))
    assert even.bounds(0.8)[0][0] == pytest.approx(wide.bounds(0.8)[0][0])
    low, high = wide.bounds(0.95)
    assert (low[0], high[0]) == pytest.approx((0.0, 500 + 2 * 475), abs=3)  # 500 - 2 * 475 is cut at nothing


def trials(*rows: tuple[str, int, float, float], half: float = 10.0, method: str = "structural") -> pd.DataFrame:
    """(origin, step, actual, value); both intervals reach `half` and twice that to each side."""
    table = pd.DataFrame(rows, columns=["origin", "step", "actual", "value"]).assign(method=method)
    return table.assign(
        low80=table["value"] - half, high80=table["value"] + half, low95=table["value"] - 2 * half, high95=table["value"] + 2 * half
    )


def test_intervals_are_widened_to_the_error_that_enough_forecasts_stay_under() -> None:
    # errors 1..9 on a half-width of 10 (20): of nine, the ceil(10 * .8) = 8th for 80 %; for 95 % the tenth does not exist, so the largest
    errors = trials(*((str(at), 1, 100.0 + 5 * at, 100.0) for at in range(1, 10)))
    assert widening(errors) == pytest.approx((4.0, 4.0))  # 40 / 10; 45 / 20 = 2.25, and a wider level never asks for less
    assert widening(trials(("a", 1, 101.0, 100.0))) == (1.0, 1.0)  # never narrower than the model's own


def test_each_origin_is_judged_by_the_widening_of_the_others() -> None:
    table = trials(("a", 1, 130.0, 100.0), ("b", 1, 105.0, 100.0), ("c", 1, 95.0, 100.0))
    inside = covered(table)
    assert inside[0.8].tolist() == [False, True, True]  # 30 is beyond what 5 and 5 ask for; with the 30 known, both others are inside
    assert inside[0.95].tolist() == [False, True, True]


def test_scores_are_those_of_the_textbook() -> None:
    table = trials(("a", 1, 100.0, 90.0), ("a", 2, 200.0, 230.0), ("b", 1, 100.0, 110.0))
    found = Holdout(trials=table, chosen="structural", baseline="latest", scale=25.0)
    whole = scores(found, "structural").iloc[0]
    assert whole["mae"] == pytest.approx(50 / 3)
    assert whole["wape"] == pytest.approx(50 / 400)
    assert whole["mase"] == pytest.approx(50 / 3 / 25)
    assert whole["bias"] == pytest.approx(30 / 400)
    assert scores(found, "structural")["n"].tolist() == [3, 2, 1]
    assert wape(found, "structural").low <= 50 / 400 <= wape(found, "structural").high


def test_skill_is_positive_when_the_model_errs_less() -> None:
    model, naive = (
        trials(("a", 1, 100.0, 90.0), ("b", 1, 100.0, 95.0)),
        trials(("a", 1, 100.0, 80.0), ("b", 1, 100.0, 70.0), method="latest"),
    )
    found = Holdout(trials=pd.concat([model, naive], ignore_index=True), chosen="structural", baseline="latest", scale=1.0)
    assert skill(found).value == pytest.approx(1 - 15 / 50)
    assert skill(found).low > 0


def test_an_origin_sees_nothing_that_came_after_it() -> None:
    history = noisy(12)
    changed = history.copy()
    changed["2023-10-01":] *= 3
    before, after = (holdout(each, 3).trials.query("origin < '2023-10-01'") for each in (history, changed))
    assert len(before) == 2 * (3 * 3 + 3)  # origins at the end of June to September, the last one tried on three months too
    pd.testing.assert_frame_equal(before.drop(columns="actual"), after.drop(columns="actual"))


def test_last_year_is_a_baseline_only_from_two_years_on() -> None:
    assert set(holdout(noisy(12), 3).trials["method"]) == {"structural", "latest"}
    assert set(holdout(noisy(24), 3).trials["method"]) == {"structural", "latest", "last_year"}


def test_a_history_that_cannot_be_tried_is_refused() -> None:
    assert needed(3) == 9
    with pytest.raises(ValueError, match="need 9 whole months, got 8"):
        holdout(noisy(8), 3)


def test_the_model_wins_where_there_is_a_season_to_know() -> None:
    found = holdout(noisy(30, season=0.3), 3)
    assert found.chosen == "structural"
    assert skill(found).low > 0
    whole = scores(found, "structural").iloc[0]
    assert whole["coverage80"] == pytest.approx(0.8, abs=0.15)
    assert whole["coverage95"] >= 0.88


def test_steps_and_levels_are_told_for_every_method() -> None:
    found = holdout(noisy(12), 3)
    table = scores(found, "latest")
    assert table["step"].tolist() == [0, 1, 2, 3]
    assert {f"coverage{100 * level:.0f}" for level in LEVELS} <= set(table.columns)


def test_on_the_complete_journey_the_model_errs_less_than_the_last_four_weeks(complete_journey: Path) -> None:
    lines = pd.read_parquet(complete_journey, columns=["transaction_timestamp", "sales_value"])
    sales = lines.groupby(pd.to_datetime(lines["transaction_timestamp"]).dt.tz_localize(None).dt.normalize())["sales_value"].sum()
    history = sales.reindex(pd.date_range("2017-01-01", "2017-12-31")).fillna(0.0).asfreq("D")
    found = holdout(history, 3)
    assert (found.chosen, found.baseline) == ("structural", "latest")
    assert wape(found, "structural").value == pytest.approx(0.030, abs=0.003)
    assert wape(found, "latest").value == pytest.approx(0.034, abs=0.003)
    assert skill(found).low < 0  # fifteen forecasts cannot tell the two apart: the page says so
