"""Does the programme cause anything? The answer with its grade beside the gap that is sold; what was checked; groups; a workshop."""

from analytics.studies.effect import STUDY
from pages.shell import answer, ask, heading, user_errors
from pages.shell.effects import effects

heading(STUDY)
with user_errors():
    params = ask(STUDY)
    effects(params, answer(STUDY, params))
