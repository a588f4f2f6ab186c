"""Could the same reward budget bring more, and what does it cost to treat tiers alike? As it is, gain and fairness, changes."""

from analytics.studies.allocation import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.allocation import shown

heading(STUDY)
with user_errors():
    shown(answer(STUDY, ask(STUDY)))
