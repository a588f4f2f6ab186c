"""Who are our customers? Scores or clusters, what each segment brings, the evidence, the customers themselves."""

from analytics.studies.segments import STUDY
from pages.shell import answer, ask, cards, draw, heading, user_errors
from pages.shell.members import members_list, segments_table

heading(STUDY)
with user_errors():
    params = ask(STUDY, hidden=("list_size",))
    result = answer(STUDY, params)
    cards(result)
    draw(STUDY, result)
    segments_table(result)
    members_list(params, result)
