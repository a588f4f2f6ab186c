"""HTML in which text cannot become markup: every part that is not made here is escaped."""

from __future__ import annotations

import re
from html import escape


class Html(str):
    """Markup made by `tag`, which may stand in other markup as it is."""

    __slots__ = ()


def tag(name: str, *parts: object, of: str = "") -> Html:
    """An element around its parts; `of` is its class. Text is escaped, whoever wrote it."""
    opened = f'{name} class="{escape(of)}"' if of else name
    return Html(f"<{opened}>{joined(*parts)}</{name}>")


def joined(*parts: object) -> Html:
    """Parts one after the other."""
    return Html("".join(part if isinstance(part, Html) else escape(str(part)) for part in parts))


def rows(head: list[str], body: list[list[str]]) -> Html:
    """A table with its head; a cell that is a number stands at the right."""
    top = tag("thead", tag("tr", *(tag("th", cell) for cell in head)))
    lines = (tag("tr", *(tag("td", cell, of="number" if _numeric(cell) else "") for cell in line)) for line in body)
    return tag("table", top, tag("tbody", *lines))


def _numeric(cell: str) -> bool:
    return re.fullmatch(r"[^\w\s]{0,4}\d[\d.,]*[KMB%万亿]?", cell) is not None
