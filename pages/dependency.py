"""What is bought with a reward or discount only, and by whom? How much, who, rewards and the time of purchases, stopping them."""

from analytics.studies.dependency import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.dependency import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
