"""An industry preset sets windows, thresholds and words; what the user sets himself stays his."""

from __future__ import annotations

from string import Formatter

import pytest

from analytics.errors import UserError
from analytics.i18n import LANGUAGES, Words, catalogue, spoken
from analytics.presets import PRESETS
from analytics.settings import Settings, change
from analytics.studies import CATALOGUE, params_from
from analytics.studies.base import defaults
from tests.conftest import Cli


def test_an_airline_counts_a_member_as_active_for_a_year() -> None:
    overview = CATALOGUE["overview"]
    assert params_from(overview, {}).active_days == 90
    assert params_from(overview, {}, Settings(preset="airline")).active_days == 365
    assert params_from(overview, {"active_days": "30"}, Settings(preset="airline")).active_days == 30


def test_segments_call_customers_new_as_long_as_the_industry_does(cli: Cli) -> None:
    """The sample shop has two years: a business-to-business customer is new for 180 days, so more of them are."""
    cli("example", "shop").done()

    def new() -> int:
        return next(row["n"] for row in cli("run", "segments").done().json["tables"]["segments"] if row["segment"] == "new")

    usual = new()
    cli("settings", "--set", "preset=b2b").done()
    assert new() > usual


def test_every_preset_lies_within_the_limits_of_every_study() -> None:
    for name in PRESETS:
        for study in CATALOGUE.values():
            params = defaults(study, Settings(preset=name))
            texts = {field: str(getattr(params, field)) for field in study.params.__dataclass_fields__ if field != "filters"}
            assert params_from(study, texts) == params


def test_a_workspace_keeps_its_preset_and_its_answers_follow(cli: Cli) -> None:
    cli("example", "shop").done()
    cli("settings", "--set", "preset=small_business").done()
    answer = cli("run", "overview").done().json
    assert (answer["params"]["active_days"], answer["params"]["repeat_days"]) == (60, 60)
    assert "Takings are" in answer["verdict"]["text"]


def test_an_unknown_industry_is_refused() -> None:
    with pytest.raises(UserError):
        change(Settings(), {"preset": "casino"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("preset", PRESETS)
def test_another_word_never_touches_a_fact_or_a_percentage_point(preset: str, language: str) -> None:
    said, plain = spoken(language, preset), catalogue(language)
    for key, text in said.items():
        assert [part[1] for part in Formatter().parse(text)] == [part[1] for part in Formatter().parse(plain[key])]
        assert text.count("percentage point") == plain[key].count("percentage point")
        assert " an booking" not in text


def test_words_follow_the_industry_in_both_languages_but_not_in_the_names_of_files_columns() -> None:
    assert Words("en", "", "airline")("studies.overview.estimates.points_earned.label") == "Miles earned"
    assert Words("zh-CN", "", "airline")("studies.overview.estimates.points_earned.label").count("里程") == 1
    assert Words("en", "", "bank")("data.columns.transaction_id") == Words("en")("data.columns.transaction_id")
