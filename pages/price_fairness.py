"""Do regulars pay more than others for the same? The gap by category, the products that drive it, who pays it."""

from analytics.studies.price_fairness import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.price_fairness import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
