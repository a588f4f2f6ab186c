"""What does the programme cost and bring? The return with its interval, costs, tiers, the budget; the ledger to look at and to add to."""

from analytics.studies.economics import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.economics import economics
from pages.shell.ledger import add_costs

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("seed",))
    economics(answer(STUDY, params))
with user_errors():
    add_costs()
