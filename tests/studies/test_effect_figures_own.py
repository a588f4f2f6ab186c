"""What the figures of the designs without a lot say of small tables, in both languages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.i18n import LANGUAGES, Words
from analytics.studies import effect_figures_adjusted, effect_figures_launch, effect_figures_threshold
from analytics.studies.base import Figure

EN = Words("en", "GBP")


def grid(*ends: float) -> pd.DataFrame:
    """Bounds that go from the first end to the second as the confounder grows on both sides."""
    at = np.linspace(0, 0.2, 3)
    rows = [(d, y, ends[0] + (ends[1] - ends[0]) * d * y / 0.04) for d in at for y in at]
    return pd.DataFrame(rows, columns=["cf_d", "cf_y", "bound"])


def adjusted(bounds: pd.DataFrame) -> dict[str, pd.DataFrame]:
    balance = [("money_202401", 0.4, 0.05), ("money_202402", -0.5, -0.02), ("channel_App", 0.2, 0.01)]
    return {
        "balance": pd.DataFrame(balance, columns=["covariate", "before", "after"]),
        "overlap": pd.DataFrame({"low": [0.0, 0.5], "high": [0.5, 1.0], "treated": [30, 70], "controls": [60, 40]}),
        "sensitivity": bounds,
        "sensitivity_benchmarks": pd.DataFrame({"covariate": ["money", "channel"], "cf_d": [0.0, 0.1], "cf_y": [0.1, 0.0]}),
    }


def threshold(clear: bool) -> dict[str, pd.DataFrame]:
    rows = [("below", -2.0, 4.0, 9, np.nan), ("below", -1.0, 5.0, 9, 5.5), ("above", 1.0, 7.0, 9, 6.5), ("above", 2.0, 8.0, 9, np.nan)]
    step = {"value": [1.0], "low": [0.5], "high": [1.5]}
    return {
        "rd": pd.DataFrame(rows, columns=["side", "at", "mean", "n", "fit"]),
        "density": pd.DataFrame({"side": ["below", "above"], "at": [-1.0, 1.0], "n": [18, 18]}),
        "rd_thresholds": pd.DataFrame({"tier": ["<Gold>", "Top"], "threshold": [300.0, 600.0], "n": 99, "clear": [clear, False]}).assign(
            value=1.0, low=0.5, high=1.5
        ),
        "placebos_threshold": pd.DataFrame({"placebo": [-50.0], **step, "p": [0.001]}),
    }


LAUNCH = {
    "launch": pd.DataFrame(
        {
            "week": pd.date_range("2024-01-01", periods=3, freq="7D"), "actual": [10.0, 30.0, 36.0], "expected": [np.nan, 25.0, 30.0],
            "low": [np.nan, 20.0, 25.0], "high": [np.nan, 30.0, 35.0],
        }
    ),
    "placebos_launch": pd.DataFrame(
        {"placebo": ["time", "time", "space"], "value": [0.0, 9.0, 1.0], "low": [-2.0, -1.0, -1.0], "high": [2.0, 11.0, 3.0]}
    ),
}  # fmt: skip


def titles(figures: tuple[Figure, ...]) -> dict[str, str]:
    return {figure.key: figure.title for figure in figures}


def test_balance_tells_the_widest_difference_of_each_covariate() -> None:
    balance = effect_figures_adjusted.draw(adjusted(grid(1.0, -1.0)), EN)[0]
    assert balance.title == "Weighting makes both sides alike: the widest difference falls from 0.50 to 0.05"
    assert balance.table["Known before"].tolist() == ["Money by month", "Channel"]


def test_a_hidden_cause_as_strong_as_the_strongest_on_both_sides_decides() -> None:
    weak, strong = (titles(effect_figures_adjusted.draw(adjusted(grid(1.0, end)), EN))["sensitivity"] for end in (0.5, -9.0))
    assert weak == "A hidden cause as strong as the strongest known leaves the effect standing"
    assert strong.startswith("A hidden cause that explains 10% of joining and 10% of buying")


def test_an_effect_below_zero_is_undone_upwards() -> None:
    below = titles(effect_figures_adjusted.draw(adjusted(grid(-1.0, -0.5)), EN))["sensitivity"]
    assert below == "A hidden cause as strong as the strongest known leaves the effect standing"


def test_what_chance_may_explain_needs_no_hidden_cause() -> None:
    """An interval from -0.3 up holds zero already; the bound falls further, as the effect lies above it."""
    assert "sensitivity" not in titles(effect_figures_adjusted.draw(adjusted(grid(-0.3, -2.0)), EN))


def test_a_threshold_tells_where_its_lines_meet_and_which_steps_stand() -> None:
    told = titles(effect_figures_threshold.draw(threshold(clear=True), EN))
    assert told["rd"] == "The line of those who just missed the tier ends at £5.50, that of those who just reached it begins at £6.50"
    assert told["rd_thresholds"] == "At 1 of 2 thresholds the step is beyond chance"
    assert told["placebos_threshold"] == "1 of 1 steps show where no tier begins"
    assert titles(effect_figures_threshold.draw(threshold(clear=False), EN))["rd_thresholds"].startswith("At none of 2")


def test_a_tier_s_name_from_a_file_is_inert() -> None:
    figure = effect_figures_threshold.draw(threshold(clear=True), EN)[1]
    assert "<Gold>" not in str(figure.spec) and "&lt;Gold&gt;" in str(figure.spec)


def test_a_launch_tells_what_came_beyond_the_expected() -> None:
    told = titles(effect_figures_launch.draw(LAUNCH, EN))
    assert told["launch"] == "Since the launch £11.00 more than expected came in (20.0%)"
    assert told["placebos_launch"] == "None of 3 launches that never were shows an effect"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_figure_is_worded_in_both_languages(language: str) -> None:
    tables = {**adjusted(grid(1.0, -1.0)), **threshold(clear=True), **LAUNCH}
    words = Words(language, "CNY")
    figures = [
        figure for own in (effect_figures_adjusted, effect_figures_threshold, effect_figures_launch) for figure in own.draw(tables, words)
    ]
    assert [figure.key for figure in figures] == [
        "balance", "overlap", "sensitivity", "rd", "rd_thresholds", "placebos_threshold", "launch", "placebos_launch",
    ]  # fmt: skip
    assert all("{" not in f"{figure.title}{figure.note}{figure.alt}" for figure in figures)


def test_without_tables_nothing_is_drawn() -> None:
    for own in (effect_figures_adjusted, effect_figures_threshold, effect_figures_launch):
        assert own.draw({}, EN) == ()
