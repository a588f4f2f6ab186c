"""Who is asking: every read of the warehouse takes one of these, from the first day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """workspace: whose data; role: "owner" until roles are built; min_cell: smallest group shown."""

    workspace: str
    role: str = "owner"
    min_cell: int = 5
