"""What do the points still cost? The balance, what will be redeemed, the revenue they defer, the members who hold them."""

from analytics.studies.points import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.points import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
