"""Every study of the catalogue, walked in both languages: words, figures, tables."""

import json
import re
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest

from analytics import studies
from analytics.i18n import LANGUAGES, Words, catalogue
from analytics.studies.base import Figure, Filters, Study
from analytics.warehouse import Warehouse
from tests.studies.conftest import Shop
from tests.studies.test_segments import forty

TOO_SMALL = {
    "next_need": "studies.needs_data",
    "value": "value.refused.few_customers",
    "churn": "churn.refused.few_customers",
    "campaigns": "studies.needs_data",
    "holdout": "holdout.refused.few",
    "effect": "effect.verdict.D",
    "dependency": "dependency.refused.no_offers",
    "economics": "studies.needs_data",
    "migration": "studies.needs_data",
    "tier_quality": "studies.needs_data",
    "small_customers": "small_customers.refused.few",
    "price_fairness": "studies.needs_data",
}  # what forty customers cannot tell, and why; their own tests answer and draw them
HOSTILE = '<b>x</b> & <a href="http://tracker.example">y</a>'


@pytest.mark.parametrize("study", studies.CATALOGUE.values(), ids=lambda study: study.id)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_study_is_worded_in_full(study: Study, language: str) -> None:
    words = catalogue(language)
    wanted = {f"studies.{study.id}.{part}" for part in ("title", "question", "method", "caveat", "empty")}
    wanted |= {f"studies.{study.id}.params.{field.name}.label" for field in _asked(study)}
    assert wanted - set(words) == set()


def _asked(study: Study) -> list[Any]:
    hints = get_type_hints(study.params)
    return [field for field in fields(study.params) if hints[field.name] is not Filters]


@pytest.mark.parametrize("study", studies.CATALOGUE.values(), ids=lambda study: study.id)
def test_every_choice_of_a_parameter_has_a_name(study: Study) -> None:
    hints = get_type_hints(study.params)
    keys = {f"studies.{study.id}.params.{field.name}.options.{choice}" for field in _asked(study) for choice in get_args(hints[field.name])}
    assert keys - set(catalogue("en")) == set()


@pytest.fixture
def house(shop: Shop) -> Warehouse:
    people = "customer id,tier,enrolment date,cancellation date\n" + "\n".join(
        f"{i:02d},{'Gold' if i > 30 else 'Silver'},{2023 + (i <= 32)}-0{1 + i % 9}-11,{'2024-03-04' if i == 7 else ''}"
        for i in range(1, 41)
    )
    points = "member id,date,event type,points\n" + "\n".join(
        f"{i:02d},2024-{1 + i % 12:02d}-07,{'redeem' if i % 5 == 0 else 'earn'},10" for i in range(1, 41)
    )
    return shop(orders=forty().replace("north", '"' + HOSTILE.replace('"', '""') + '"'), people=people, points=points)


def test_every_study_answers_draws_and_travels_in_both_languages(house: Warehouse) -> None:
    for study in studies.CATALOGUE.values():
        for params in (study.params(), *([study.params(method="clusters", clusters="8")] if study.id == "segments" else [])):
            result = studies.answer(study, house, params)
            assert (result.refused.key if result.refused else None) == TOO_SMALL.get(study.id)
            for language in LANGUAGES:
                words = Words(language, "EUR")
                _worded(result.estimates, study, words)
                for note in (result.verdict, *result.warnings):
                    assert words.note(note)
                for figure in study.figures(result, words):
                    _sound(figure, words)
                json.dumps(studies.result_json(result, words, params=params), allow_nan=False)


def _worded(names: Any, study: Study, words: Words) -> None:
    assert all(words.has(f"studies.{study.id}.estimates.{name}.{part}") for name in names for part in ("label", "help"))


def _sound(figure: Figure, words: Words) -> None:
    """A finding, a note, an alternative text, numbers behind it; no markup from the data; no colour of the page's own."""
    assert all((figure.title, figure.note, figure.alt))
    assert len(figure.table)
    assert not any(
        re.fullmatch(r"[a-z_]+", str(column)) for column in figure.table.columns if not str(column).isascii() or "_" in str(column)
    )
    drawn = json.dumps(figure.spec, allow_nan=False)
    assert "<b>" not in drawn
    assert "<a" not in drawn
    assert {figure.spec["layout"][name] for name in ("paper_bgcolor", "plot_bgcolor")} == {"rgba(0,0,0,0)"}
    assert "title" not in figure.spec["layout"]
    assert "color" not in figure.spec["layout"].get("font", {})
    if words.language == "zh-CN":
        assert re.search(r"[\u4e00-\u9fff]", figure.title)


def test_a_cost_ledger_alone_locks_every_study_that_is_not_about_costs(shop: Shop) -> None:
    costs = shop(costs="cost month,cost category,cost amount\n2024-01-01,platform,5\n")
    for study in studies.CATALOGUE.values():
        result = studies.answer(study, costs, study.params())
        if study.id not in ("quality", "economics", "scenarios"):
            assert result.refused is not None
            assert study.figures(result, Words("en")) == ()
