"""The marts' SQL files: their order, and how each follows when rows are added."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256
from pathlib import Path

_HERE = Path(__file__).parent


@cache
def recipe() -> str:
    """Hash of the marts' SQL: marts made by other SQL are not read."""
    return sha256(b"".join(path.read_bytes() for path in sorted(_HERE.glob("*.sql")))).hexdigest()


def update(sql: str) -> str:
    """How a mart follows, as its header says.

    customers  a row says something of one customer, and follows from that customer's rows (and from the marts called whole)
    sums       numbers that customers add to
    whole      neither: it is made again
    """
    found = re.search(r"^-- update +(customers|sums|whole)$", sql, re.MULTILINE)
    if found is None:
        raise ValueError("a mart's header says how it is updated")
    return found.group(1)


@cache
def in_order() -> tuple[Path, ...]:
    """The SQL files, each after the marts it reads."""
    paths = {path.stem: path for path in sorted(_HERE.glob("*.sql"))}
    done: list[Path] = []

    def visit(name: str) -> None:
        if paths[name] in done:
            return
        sql = re.sub(r"--.*", "", paths[name].read_text(encoding="utf-8"))
        for other in paths:
            if other != name and re.search(rf"\b(?:from|join)\s+{other}\b", sql):
                visit(other)
        done.append(paths[name])

    for name in paths:
        visit(name)
    return tuple(done)
