"""The catalogue of studies, in the order in which they are shown, and how one is answered."""

from __future__ import annotations

from analytics.fits import Fit
from analytics.studies.allocation import STUDY as ALLOCATION
from analytics.studies.answers import answer, params_from, result_json
from analytics.studies.base import Study
from analytics.studies.campaigns import STUDY as CAMPAIGNS
from analytics.studies.churn import STUDY as CHURN
from analytics.studies.cohorts import STUDY as COHORTS
from analytics.studies.compare import STUDY as COMPARE
from analytics.studies.customer import STUDY as CUSTOMER
from analytics.studies.dependency import STUDY as DEPENDENCY
from analytics.studies.economics import STUDY as ECONOMICS
from analytics.studies.effect import STUDY as EFFECT
from analytics.studies.fairness import STUDY as FAIRNESS
from analytics.studies.forecast import STUDY as FORECAST
from analytics.studies.holdout import STUDY as HOLDOUT
from analytics.studies.key_customers import STUDY as KEY_CUSTOMERS
from analytics.studies.lifecycle import STUDY as LIFECYCLE
from analytics.studies.migration import STUDY as MIGRATION
from analytics.studies.movement import STUDY as MOVEMENT
from analytics.studies.next_need import STUDY as NEXT_NEED
from analytics.studies.overview import STUDY as OVERVIEW
from analytics.studies.points import STUDY as POINTS
from analytics.studies.price_fairness import STUDY as PRICE_FAIRNESS
from analytics.studies.quality import STUDY as QUALITY
from analytics.studies.scenarios import STUDY as SCENARIOS
from analytics.studies.segments import STUDY as SEGMENTS
from analytics.studies.small_customers import STUDY as SMALL_CUSTOMERS
from analytics.studies.tier_quality import STUDY as TIER_QUALITY
from analytics.studies.value import STUDY as VALUE

CATALOGUE: dict[str, Study] = {
    study.id: study
    for study in (
        OVERVIEW,
        SEGMENTS,
        MOVEMENT,
        COMPARE,
        NEXT_NEED,
        COHORTS,
        LIFECYCLE,
        FORECAST,
        VALUE,
        CHURN,
        CUSTOMER,
        EFFECT,
        CAMPAIGNS,
        HOLDOUT,
        ECONOMICS,
        POINTS,
        DEPENDENCY,
        SCENARIOS,
        MIGRATION,
        TIER_QUALITY,
        FAIRNESS,
        PRICE_FAIRNESS,
        ALLOCATION,
        SMALL_CUSTOMERS,
        KEY_CUSTOMERS,
        QUALITY,
    )
}
FITS: dict[str, Fit] = {fit.id: fit for study in CATALOGUE.values() for fit, _ in study.fits(study.params())}

__all__ = ["CATALOGUE", "FITS", "answer", "params_from", "result_json"]
