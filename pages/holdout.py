"""How large and how long must the next test be, and who is withheld? The design, its list, and the way to keep it."""

from analytics.studies.holdout import STUDY
from pages.shell import answer, ask, cards, draw, heading, user_errors
from pages.shell.holdout_list import holdout_list

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    result = answer(STUDY, params)
    cards(result)
    holdout_list(params, result)
    draw(STUDY, result)
