"""Are members in the right tier, and do the tiers earn their keep? Right, sure under errors, worth, other thresholds."""

from analytics.studies.tier_quality import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.tier_quality import shown

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size", "draws", "seed"))
    shown(params, answer(STUDY, params))
