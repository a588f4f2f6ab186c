"""Who is asking: every read of the warehouse takes one of these, from the first day."""

from __future__ import annotations

from dataclasses import dataclass

MASK = "•••"  # stands for a value that is not kept, or that a role may not see
_SEE_PERSONS = frozenset({"owner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """workspace: whose data; role: "owner" until roles are built; min_cell: smallest group shown."""

    workspace: str
    role: str = "owner"
    min_cell: int = 5

    @property
    def sees_persons(self) -> bool:
        """Whether personal columns of single persons may be read; a role nobody knows may not."""
        return self.role in _SEE_PERSONS
