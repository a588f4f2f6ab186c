"""One pass over a file's bytes: the digest it is known by, and what has to be known before a parser reads it."""

from __future__ import annotations

import codecs
import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

CHUNK = 1 << 20
_SAMPLE = 1 << 16
# Control characters of C1, marks that turn the direction of writing, what has no width, as UTF-8: a pattern for each first byte is fast.
_HIDDEN = tuple(
    re.compile(pattern)
    for pattern in (rb"\xe2(?:\x80[\x8b\x8e\x8f\xaa-\xae]|\x81[\xa6-\xa9])", rb"\xc2[\x80-\x9f]", rb"\xd8\x9c", rb"\xef\xbb\xbf")
)
_BOM = codecs.BOM_UTF8
_SIGNS = tuple(sign.encode() for sign in "€£¥￥")
_EDGES = np.zeros(256, bool)  # what a cell begins or ends with
_EDGES[list(b',;\t|"\r\n')] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What the bytes of a file say.

    sha256   of all bytes: the same file is recognised whatever its name
    utf8     all of it decodes as UTF-8
    clean    no control character but line ends and tabs, none that hides or turns text (of UTF-8)
    tidy     no space stands at the edge of a cell, whatever separates the cells
    signs    there is a currency sign somewhere
    tabs     there are some
    regular  all lines end in \n or all in \r\n, none is much longer than 1 MB, none leaves a quote open
    lines    that are not blank
    head     the first 64 KB
    foreign  lines that are not ASCII, 64 KB at most, from wherever in the file they are: they tell the encoding
    """

    sha256: str
    utf8: bool
    clean: bool
    tidy: bool
    signs: bool
    tabs: bool
    regular: bool
    lines: int
    head: bytes
    foreign: bytes


def look(path: Path) -> Look:
    """Read a file once, in flat memory; asked again about an unchanged file, the answer is remembered."""
    status = path.stat()
    return _look(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=256)
def _look(path: Path, _size: int, _changed: int) -> Look:
    digest, text = hashlib.sha256(), _Text()
    head = b""
    with path.open("rb") as handle, ThreadPoolExecutor(1) as beside:
        while chunk := handle.read(CHUNK):
            hashing = beside.submit(digest.update, chunk)  # lets go of the interpreter: the rest runs beside it
            head = head or chunk[:_SAMPLE]
            text.see(chunk)
            hashing.result()
    text.end()
    return Look(
        sha256=digest.hexdigest(),
        utf8=text.utf8,
        clean=text.clean,
        tidy=text.tidy,
        signs=text.signs,
        regular=text.regular,
        tabs=text.tabs,
        lines=text.lines,
        head=head,
        foreign=b"\n".join(text.foreign),
    )


@dataclass(slots=True)
class _Text:
    """What was seen of a text so far."""

    utf8: bool = True
    clean: bool = True
    tidy: bool = True
    signs: bool = False
    tabs: bool = False
    lines: int = 0
    ends: set[str] = field(default_factory=set)
    long: bool = False
    open_quote: bool = False
    foreign: list[bytes] = field(default_factory=list)
    _room: int = _SAMPLE
    _tail: bytes = b""
    _quotes: int = 0
    _decoder: codecs.IncrementalDecoder = field(default_factory=lambda: codecs.getincrementaldecoder("utf-8")("strict"))

    @property
    def regular(self) -> bool:
        return self.ends in (set(), {"lf"}, {"crlf"}) and not self.long and not self.open_quote

    def see(self, chunk: bytes) -> None:
        values = np.frombuffer(chunk, np.uint8)
        feeds, returns = int(np.count_nonzero(values == 10)), int(np.count_nonzero(values == 13))
        controls = int(np.count_nonzero(values < 32) + np.count_nonzero(values == 127)) - feeds - returns
        tabs = int(np.count_nonzero(values == 9)) if controls else 0
        self.tabs = self.tabs or tabs > 0
        self.clean = self.clean and controls == tabs
        self._decode(chunk)
        if not chunk.isascii():
            self._see_foreign(chunk)
        self._see_ends(chunk, feeds, returns)
        self.long = self.long or (len(chunk) == CHUNK and not feeds and not returns)
        self._see_quotes(values)
        self.tidy = self.tidy and not _spaced((self._tail[-2:] or b"\n") + chunk)
        self.signs = self.signs or b"$" in chunk or (not chunk.isascii() and any(sign in chunk for sign in _SIGNS))
        self._see_lines(values, returns)
        self._tail = chunk[-2:]

    def end(self) -> None:
        self._decode(b"", final=True)
        if self._tail.endswith(b"\r"):
            self.ends.add("cr")
        self.open_quote = self.open_quote or self._quotes % 2 == 1
        self.tidy = self.tidy and not self._tail.endswith(b" ")

    def _see_foreign(self, chunk: bytes) -> None:
        text = chunk if self._tail else chunk.removeprefix(_BOM)
        if self.clean:
            self.clean = not any(hidden.search(part) for hidden in _HIDDEN for part in (text, self._tail + chunk[:2]))
        if self._room > 0:
            lines = re.split(rb"[\r\n]", text)
            whole = lines[1 if self._tail else 0 : None if len(chunk) < CHUNK else -1]  # what the chunk cuts may end in half a character
            taken = [line for line in whole or lines if not line.isascii()]
            kept = [line[:_SAMPLE] for line in taken[: self._room // 2 + 1]]
            self.foreign += kept
            self._room -= sum(map(len, kept))

    def _see_ends(self, chunk: bytes, feeds: int, returns: int) -> None:
        if returns or self._tail.endswith(b"\r"):
            both = chunk.count(b"\r\n") + (self._tail.endswith(b"\r") and chunk.startswith(b"\n"))
            waiting = chunk.endswith(b"\r")  # the next chunk tells what it is
            found = {"crlf": both, "lf": feeds - both, "cr": returns - waiting + self._tail.endswith(b"\r") - both}
            self.ends |= {name for name, count in found.items() if count > 0}
        elif feeds:
            self.ends.add("lf")

    def _see_lines(self, values: np.ndarray, returns: int) -> None:
        """Lines that are not blank: as many as there are runs of anything but line ends."""
        text = values != 10
        if returns:
            text &= values != 13
        self.lines += int(np.count_nonzero(text[1:] > text[:-1])) + int(text[0] and self._tail[-1:] in (b"", b"\n", b"\r"))

    def _see_quotes(self, values: np.ndarray) -> None:
        """Whether a line holds an odd number of quotes: one that is open at its end, or stands for itself."""
        quotes = np.flatnonzero(values == 34)
        if self.open_quote or not (quotes.size or self._quotes):
            return
        before = np.searchsorted(quotes, np.flatnonzero(values == 10)) + self._quotes
        self.open_quote = bool((before % 2).any())
        self._quotes = (self._quotes + quotes.size) % 2

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        try:
            if self.utf8:
                self._decoder.decode(chunk, final)
        except UnicodeDecodeError:
            self.utf8 = False


def _spaced(text: bytes) -> bool:
    """Whether a space stands beside what separates or encloses cells. What is before the first byte, and after the last, is not asked."""
    values = np.frombuffer(text, np.uint8)
    spaces = np.flatnonzero(values == 32)
    before, after = values[spaces[spaces > 0] - 1], values[spaces[spaces < values.size - 1] + 1]
    return bool(_EDGES[before].any() or _EDGES[after].any())
