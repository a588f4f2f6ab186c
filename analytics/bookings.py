"""Keeps costs that were typed in: they go the way of every import, into the table `costs` of the data at hand."""

from __future__ import annotations

import pandas as pd

from analytics import jobs, store
from analytics.contract import BY_NAME, heading
from analytics.errors import UserError
from analytics.i18n import DEFAULT_LANGUAGE
from analytics.intake.report import Answers, ImportReport

COLUMNS = ("month", "category", "supplier", "amount")
LONGEST = 120  # months of one line


def monthly(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines as typed (category, supplier, first, last, amount a month) as bookings: month, category, supplier, amount.

    Raises  UserError no_costs without a whole line; costs_period where the last month lies before the first or too far behind it
    """
    whole = lines.dropna(subset=["category", "first", "last", "amount"])
    whole = whole[whole["category"].astype(str).str.strip() != ""]
    if whole.empty:
        raise UserError("no_costs")
    rows = []
    for line in whole.to_dict("records"):
        months = pd.period_range(pd.Timestamp(line["first"]), pd.Timestamp(line["last"]), freq="M")
        if not 1 <= len(months) <= LONGEST:
            raise UserError("costs_period", category=str(line["category"]), most=LONGEST)
        supplier = "" if pd.isna(line["supplier"]) else str(line["supplier"]).strip()
        fixed = {"category": str(line["category"]).strip(), "supplier": supplier, "amount": float(line["amount"])}
        rows += [{"month": month.to_timestamp().date(), **fixed} for month in months]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def keep(workspace: str, lines: pd.DataFrame) -> ImportReport:
    """Store the lines as a version of its own. The demo stays the demo.

    Raises  as `monthly`, and what an import raises
    """
    rows = monthly(lines)
    table = BY_NAME["costs"]
    with store.work_folder(workspace, "costs") as folder:
        path = folder / "typed-costs.csv"
        rows.set_axis([heading(table[name], DEFAULT_LANGUAGE) for name in COLUMNS], axis=1).to_csv(path, index=False)
        demo = store.current(workspace).demo
        report: ImportReport = jobs.start_load(workspace, [path], {"": Answers(table="costs")}, demo=demo).result()
    return report
