"""Who is staying, who is slipping away, and what is at stake? Stages, transitions, second orders; the deals of a CRM."""

from analytics.studies.lifecycle import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.stages import lifecycle

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    lifecycle(params, answer(STUDY, params))
