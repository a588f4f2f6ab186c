"""Who is about to leave, and is it worth asking them to stay? Who and how much, why, how far to trust it, how long they stay."""

from analytics.studies.churn import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.leaving import leaving

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    leaving(params, answer(STUDY, params))
