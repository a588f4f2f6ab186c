"""How is the customer base doing? The figures of the data at hand and their course."""

from analytics.studies.overview import STUDY
from pages.shell import answer, ask, cards, draw, heading, user_errors
from pages.shell.empty import nothing_loaded, sample_banner
from pages.shell.session import version

heading(STUDY)
if version().demo:
    sample_banner()
with user_errors():
    if version().number:
        result = answer(STUDY, ask(STUDY))
        cards(result)
        draw(STUDY, result)
    else:
        nothing_loaded()
