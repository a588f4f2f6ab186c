"""Who are the key customers, who is left out, and why? The scorecard, its exclusions, the departments, the audit."""

from analytics.studies.key_customers import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.key_customers import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
