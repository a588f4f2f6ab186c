"""Keeps the list of a test by lot: it goes the way of every import, into the table `experiments` of the data at hand."""

from __future__ import annotations

from analytics import jobs, store
from analytics.access import Access
from analytics.errors import UserError
from analytics.i18n import DEFAULT_LANGUAGE
from analytics.intake.report import Answers, ImportReport
from analytics.marts.build import open_current
from analytics.studies.holdout import Params, members
from analytics.studies.holdout_data import as_file


def keep(workspace: str, params: Params) -> tuple[str, ImportReport]:
    """Draw the test as asked for and store its list. The demo stays the demo, and its truth stays true.

    Returns  the test's id and the import's report
    Raises   UserError no_test when the data cannot carry it, and what an import raises
    """
    rows = members(open_current(Access(workspace=workspace)), params)
    if rows.empty:
        raise UserError("no_test")
    name = str(rows["experiment_id"].iloc[0])
    with store.work_folder(workspace, "assignment") as folder:
        path = folder / f"{name}.csv"
        as_file(rows, DEFAULT_LANGUAGE).to_csv(path, index=False, date_format="%Y-%m-%d")
        demo = store.current(workspace).demo
        report = jobs.start_load(workspace, [path], {"": Answers(table="experiments")}, demo=demo).result()
    return name, report
