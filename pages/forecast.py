"""What will the next months bring, and are we on plan? The months ahead, the plan, and what past forecasts were worth."""

from analytics.studies.forecast import STUDY
from pages.shell import answer, ask, cards, draw, heading, user_errors

heading(STUDY)
with user_errors():
    result = answer(STUDY, ask(STUDY))
    cards(result, hidden=("plan_probability",))  # its interval is that of the simulation alone, which a card cannot say
    draw(STUDY, result)
