"""Is it fair across tiers? What stands out, benefits, chances and service, spread, models, and the report on the whole group."""

from analytics.studies.fairness import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.fairness import shown

heading(STUDY)
with user_errors():
    shown(answer(STUDY, ask(STUDY)))
