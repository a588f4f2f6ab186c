"""What has changed since the last version of the data: the same study over the version before."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analytics import store
from analytics.marts.build import open_version
from analytics.results import Result
from analytics.store import Version
from analytics.warehouse import Warehouse


def since(warehouse: Warehouse, now: Result, again: Callable[[Warehouse], Result]) -> pd.DataFrame:
    """Each estimate beside its value over the version before; no rows when there is none to compare with.

    again    answers the same question over another version
    Returns  estimate, before, now, change (share, nan where the value before was 0), version, created_at (ISO)
    """
    earlier = version_before(warehouse.access.workspace, warehouse.version)
    if earlier is None:
        return pd.DataFrame()
    then = again(open_version(warehouse.access, earlier)).estimates
    rows = [
        {
            "estimate": name,
            "before": then[name].value,
            "now": estimate.value,
            "change": estimate.value / then[name].value - 1 if then[name].value else float("nan"),
            "version": earlier.number,
            "created_at": earlier.created_at,
        }
        for name, estimate in now.estimates.items()
        if name in then
    ]
    return pd.DataFrame(rows)


def version_before(workspace: str, version: Version) -> Version | None:
    """The last version whose files are a part of this one's: an earlier state of the same data, not other data."""
    here = {str(file["sha256"]) for file in version.files}
    while version.parent:
        version = store.load(workspace, version.parent)
        files = {str(file["sha256"]) for file in version.files}
        if files < here:
            return version if files else None
    return None
