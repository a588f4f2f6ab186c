"""Are small customers overlooked, and who among them will grow? What they get, who grows, hidden gems, what neglect goes with."""

from analytics.studies.small_customers import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.small_customers import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    shown(params, answer(STUDY, params))
