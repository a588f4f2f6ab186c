"""The layout of a text table, found on its first lines: delimiter, header, and where the rows begin."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

DELIMITERS = (",", ";", "\t", "|")
WHITESPACE = "whitespace"
SAMPLE_LINES = 500


def clean_header(names: Sequence[str | None], shown: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Names without control and direction characters, never empty, never the same twice (case ignored).

    Returns  the names; clean name -> name as it stood, where they differ
    """
    taken: set[str] = set()
    header: list[str] = []
    renamed: dict[str, str] = {}
    for number, name in enumerate(names, start=1):
        clean = (
            "".join(c for c in name or "" if unicodedata.category(c) not in ("Cc", "Cf") and c != "\ufffd").strip()[:200]
            or f"column{number}"
        )
        unique, copy = clean, 2
        while unique.casefold() in taken or unique == "_row":
            unique, copy = f"{clean} ({copy})", copy + 1
        taken.add(unique.casefold())
        header.append(unique)
        if unique != (name or ""):
            renamed[unique] = name or ""
    return tuple(header), renamed


def head_of(path: Path) -> str:
    """The first 256 KB of a UTF-8 text, whole lines of it, without BOM; what does not decode is U+FFFD."""
    with path.open("rb") as handle:
        data = handle.read(1 << 18)
    if len(data) == 1 << 18:
        data = data[: data.rfind(b"\n") + 1] or data
    return data.decode("utf-8", errors="replace").lstrip("\ufeff")


def parsed(head: str, delimiter: str) -> list[list[str]]:
    """The first records that are not blank, as cells."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        return [row for row in islice(reader, SAMPLE_LINES) if row]
    except csv.Error:
        return [line.split(delimiter) for line in _split(head)[:SAMPLE_LINES] if line]


def line_of(head: str, row: int) -> int:
    """Lines above the `row`-th line that is not blank: blank ones count too where a reader skips lines."""
    filled = [number for number, line in enumerate(_split(head)) if line.strip()]
    return filled[row] if row else 0


def _split(head: str) -> list[str]:
    """Lines as a parser of tables counts them: str.splitlines also breaks at characters that stand within cells."""
    return re.split(r"\r\n|\r|\n", head)


def delimiter_of(head: str) -> str:
    """The separator that gives most lines the same number of columns, and the most columns."""

    def score(delimiter: str) -> tuple[float, int]:
        widths = Counter(len(row) for row in parsed(head, delimiter))
        if not widths:
            return 0.0, 0
        width, lines = widths.most_common(1)[0]
        return (lines / sum(widths.values()), width) if width > 1 else (0.0, 0)

    best = max(DELIMITERS, key=lambda delimiter: (score(delimiter)[0] >= 0.8, score(delimiter)[1], score(delimiter)[0]))
    if score(best)[1] > 1:
        return best
    widths = Counter(len(line.split()) for line in _split(head) if line.strip())
    width, lines = widths.most_common(1)[0]
    return WHITESPACE if width > 1 and lines / sum(widths.values()) >= 0.9 else ","


def header_row(lines: Sequence[Sequence[str | None]]) -> int:
    """Index of the first line as wide as the table: reports put a title and a date above it."""
    filled = [sum(bool(cell) for cell in line) for line in lines]
    width = Counter(len(line) for line in lines).most_common(1)[0][0]
    usual = Counter(count for line, count in zip(lines, filled, strict=True) if len(line) == width).most_common(1)[0][0]
    for index, (line, count) in enumerate(zip(lines, filled, strict=True)):
        if len(line) == width and count >= min(usual, width * 0.5):
            return index
    return 0


_VALUE = re.compile(r"[\s$€£¥￥]*[-+(]?[\d.,]+\)?%?|\d{1,4}[-/.年]\d{1,2}([-/.月]\d{1,4}日?)?([ T].*)?")


def is_headless(first: Sequence[str | None], rest: Sequence[Sequence[str | None]]) -> bool:
    """A first line that holds numbers or dates is data, not a header."""
    cells = [cell.strip() for cell in first if cell]
    return bool(cells) and bool(rest) and sum(bool(_VALUE.fullmatch(cell)) for cell in cells) >= max(1, len(cells) / 2)
