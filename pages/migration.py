"""How do members move between tiers? Between two days, time in a tier, who is near a threshold, spend around changes."""

from analytics.studies.migration import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.migration import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
