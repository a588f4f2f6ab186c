"""Who will come back, and what are they worth? The value now, whether to trust it, who holds it."""

from analytics.studies.value import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.values import values

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    values(params, answer(STUDY, params))
