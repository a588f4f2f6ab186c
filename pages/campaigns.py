"""Which campaigns made customers buy, and whom? What a lot says, whom it moves, what was reached."""

from analytics.studies.campaigns import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.campaigns import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
