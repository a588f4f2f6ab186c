"""A damaged text as one that a strict parser reads line by line: what is no line of a table is taken out and named.

A quote that never closes would swallow what follows it, a line without end would go missing unseen. Only files in which
`look` found such damage come here; the others are parsed as they are.
"""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

LONGEST = 2_000_000  # bytes of a line: what DuckDB takes
_CELL_LINES = 200  # lines that one quoted cell may run over
_SHOWN = 2_000
csv.field_size_limit(LONGEST)

Line = tuple[int, str, str]  # its number in the file, its text without the line end, what is wrong with it
Unread = tuple[str, str, str]  # line, reason, text


@dataclass(slots=True, kw_only=True)
class Mender:
    """delimiter, width of the table: they tell a cell that runs over lines from a quote that was left open.

    above  lines up to the header, which is kept as it is
    kept   records written below the header
    """

    delimiter: str
    width: int
    above: int
    kept: int = 0

    def mend(self, path: Path, target: Path) -> Iterator[Unread]:
        """Write the file's good lines to `target`, an empty line for each bad one. Yields the bad ones as it goes."""
        # Latin-1 carries every byte as one character: nothing is lost and the line ends of all systems are understood
        with path.open(encoding="latin-1", newline=None) as source, target.open("wb") as sink:
            for number, text, damage in _records(_lines(source), self.delimiter, self.width):
                below = number > self.above
                reason = (damage or _undecodable(text) or self._ragged(text)) if below else ""
                if reason:
                    yield str(number), reason, text[:_SHOWN].encode("latin-1").decode("utf-8", "replace")
                self.kept += below and not reason and bool(text)
                _write(sink, "\n" * text.count("\n") if reason else text)

    def _ragged(self, text: str) -> str:
        """Where no quote may hide a delimiter, counting tells; one delimiter too many at the end does no harm."""
        cells = text.count(self.delimiter) + 1
        if not text or '"' in text or cells == self.width or (cells == self.width + 1 and text.endswith(self.delimiter)):
            return ""
        return "missing columns" if cells < self.width else "too many columns"


def _write(sink: BinaryIO, text: str) -> None:
    sink.write(text.encode("latin-1") + b"\n")


def _undecodable(text: str) -> str:
    try:
        text.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return "invalid encoding"
    return ""


def _lines(source: TextIO) -> Iterator[Line]:
    """Number, text and, of a line that is too long to read, the reason."""
    number = 0
    while line := source.readline(LONGEST):
        number += 1
        if len(line) < LONGEST or line.endswith("\n"):
            yield number, line.removesuffix("\n"), ""
            continue
        yield number, line[:_SHOWN], "line size over maximum"
        while (more := source.readline(LONGEST)) and not more.endswith("\n"):
            pass


def _records(lines: Iterator[Line], delimiter: str, width: int) -> Iterator[Line]:
    """Lines; those over which one quoted cell runs are joined. A quote that is open for good condemns its own line only."""
    waiting: deque[Line] = deque()
    while line := waiting.popleft() if waiting else next(lines, None):
        number, text, damage = line
        if damage or not text.count('"') % 2 or _width(text, delimiter) == width:
            yield line
            continue
        closing = _closing(waiting, lines)
        whole = "\n".join([text, *(following for _, following, _ in islice(waiting, closing))])
        if closing and _width(whole, delimiter) == width:
            for _ in range(closing):
                waiting.popleft()
            yield number, whole, ""
        else:
            yield number, text, "unquoted value"


def _closing(waiting: deque[Line], lines: Iterator[Line]) -> int:
    """How many of the following lines belong to a cell that is open: up to the next with an odd number of quotes, 0 for none."""
    size = 0
    for index in range(_CELL_LINES):
        if index == len(waiting):
            waiting.extend(islice(lines, 1))
        if index == len(waiting) or waiting[index][2] or size > LONGEST:
            return 0
        size += len(waiting[index][1])
        if waiting[index][1].count('"') % 2:
            return index + 1
    return 0


def _width(text: str, delimiter: str) -> int:
    """Cells of one record; 0 when it is not one: a quote stays open, or the line ends outside of quotes."""
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return 0
    return len(records[0]) if len(records) == 1 else 0
