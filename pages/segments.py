"""Who are our customers? The segments now, how customers move between them over time, two groups or periods, what they need next."""

from functools import partial

from analytics.studies.segments import STUDY
from pages.shell import heading, user_errors
from pages.shell.members import segments_tab
from pages.shell.needs import needs_tab
from pages.shell.study import study_tab
from pages.shell.tabs import tabs

heading(STUDY)
with user_errors():
    tabs({
        "pages.segments.now": segments_tab,
        "pages.segments.over_time": partial(study_tab, "movement"),
        "pages.segments.side_by_side": partial(study_tab, "compare"),
        "pages.segments.next_need": needs_tab,
    })
