"""Do newer customers stay, and what do they bring? Cohorts by first order, newer beside older, who comes back and how soon."""

from analytics.studies.cohorts import STUDY
from pages.shell import answer, ask, cards, draw, heading, user_errors

heading(STUDY)
with user_errors():
    result = answer(STUDY, ask(STUDY))
    cards(result)
    draw(STUDY, result)
