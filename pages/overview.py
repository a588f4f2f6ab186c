"""How is the customer base doing? The figures of the data at hand and their course."""

from analytics.studies.overview import STUDY
from pages.shell import answer, ask, cards, draw, heading, user_errors
from pages.shell.claim import claim
from pages.shell.empty import nothing_loaded, sample_banner
from pages.shell.session import version
from pages.shell.since import since_last_version

heading(STUDY)
if version().demo:
    sample_banner()
with user_errors():
    if version().number:
        result = answer(STUDY, ask(STUDY))
        claim(result)
        cards(result, hidden=("naive_gap",))
        draw(STUDY, result)
        since_last_version(result)
    else:
        nothing_loaded()
