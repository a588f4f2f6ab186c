"""The studies that fit models, on data that none of them was made for: an answer with sound figures, or what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.studies.base import defaults
from tests.pages.test_pages import KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_study_answers_or_says_what_is_missing(kind: str, home: Path, write: Callable[..., Path]) -> None:
    jobs._load({"workspace": "w", "paths": [str(write("data.csv", KINDS[kind]))], "answers": {}})
    house = open_current(Access(workspace="w"))
    for name in (
        "value",
        "churn",
        "next_need",
        "customer",
        "campaigns",
        "holdout",
        "points",
        "scenarios",
        "key_customers",
        "migration",
        "tier_quality",
        "price_fairness",
        "allocation",
        "small_customers",
    ):
        study = studies.CATALOGUE[name]
        result = studies.answer(study, house, defaults(study, house.settings))
        for language in LANGUAGES:
            words = Words(language, "EUR")
            assert words.note(result.refused or result.verdict)
            json.dumps(studies.result_json(result, words), allow_nan=False)
            assert all(figure.title for figure in study.figures(result, words))
        assert result.refused is None or not result.estimates
