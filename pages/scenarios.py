"""What if the programme were another one? Levers, what they come to beside today, and the settings that were kept."""

from analytics.studies.scenarios import LEVERS, STUDY
from pages.shell import ask, heading, user_errors
from pages.shell.scenarios import scenarios

heading(STUDY)
with user_errors():
    scenarios(ask(STUDY, hidden=LEVERS))
