"""The catalogue of studies, in the order in which they are shown, and how one is answered."""

from __future__ import annotations

from analytics.studies import overview, quality, segments
from analytics.studies.answers import answer, params_from, result_json
from analytics.studies.base import Study

CATALOGUE: dict[str, Study] = {study.id: study for study in (overview.STUDY, segments.STUDY, quality.STUDY)}

__all__ = ["CATALOGUE", "answer", "params_from", "result_json"]
