"""Which encoding a text file is in, and the same text as UTF-8."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from analytics.errors import UserError

_CHUNK = 1 << 20
_HEAD = 1 << 18
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COMMON_HANZI = 0.7  # least share of everyday characters for bytes to be taken as Chinese


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """encoding: Python's name; sure: False when only likely, so that the preview deserves a look."""

    encoding: str
    sure: bool = True


def detect(path: Path) -> Encoded:
    """The encoding of a text file: BOM, else UTF-8 if all of it decodes, else UTF-16, Chinese, Western.

    Raises  UserError unreadable_file when it is not text
    """
    with path.open("rb") as handle:
        head = handle.read(_HEAD)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return Encoded(encoding=encoding)
    if wide := _wide(head):
        return Encoded(encoding=wide)
    if b"\x00" * 4 in head:
        raise UserError("unreadable_file", file=path.name)
    if _decodes(path, "utf-8") or _mostly_utf8(head):
        return Encoded(encoding="utf-8")
    if _chinese(head) and _decodes(path, "gb18030"):
        return Encoded(encoding="gb18030")
    if _western(head):
        return Encoded(encoding="cp1252", sure=False)
    best = from_bytes(head, cp_isolation=["cp1252", "latin_1", "cp1250", "cp1251", "big5", "shift_jis", "euc_kr"]).best()
    return Encoded(encoding=best.encoding.replace("_", "-") if best else "latin-1", sure=False)


def to_utf8(path: Path, encoding: str, target: Path, *, one_newline: bool) -> Path:
    """The file as UTF-8 without BOM, in `target`; undecodable bytes become U+FFFD in their line.

    one_newline  write every line end as \\n
    """
    with (
        path.open("r", encoding=encoding, errors="replace", newline=None if one_newline else "") as source,
        target.open("w", encoding="utf-8", newline="") as sink,
    ):
        while chunk := source.read(_CHUNK):
            sink.write(chunk)
    return target


def mixed_newlines(path: Path) -> bool:
    """Whether lines end in more than one way within the file's head: strict parsers stop at that."""
    with path.open("rb") as handle:
        head = handle.read(_HEAD * 4)
    crlf = head.count(b"\r\n")
    return len([n for n in (crlf, head.count(b"\n") - crlf, head.count(b"\r") - crlf) if n > 0]) > 1


def without_controls(path: Path) -> bool:
    """Whether a UTF-8 text holds no control characters but line ends and tabs: then no cell needs cleaning."""
    controls = bytes(code for code in (*range(32), 127) if code not in (9, 10, 13))
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            if len(chunk.translate(None, controls)) != len(chunk):
                return False
    return True


def _wide(head: bytes) -> str | None:
    """UTF-16 without a BOM: in mostly Latin text every second byte is zero."""
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0) / len(head) * 2, head[1::2].count(0) / len(head) * 2
    if odd > 0.3 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 and odd < 0.05 else None


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as handle:
            while chunk := handle.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _mostly_utf8(head: bytes) -> bool:
    """A UTF-8 file with a few lines in something else: those lines are rejected one by one, the rest is read."""
    lines = [line for line in head.split(b"\n") if not line.isascii()]
    good = sum(_is_utf8(line) for line in lines[:-1])
    return len(lines) > 4 and good / max(1, len(lines) - 1) >= 0.9


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _chinese(head: bytes) -> bool:
    """Read as GB18030, are the characters everyday Chinese? Western bytes read so give rare ones."""
    characters = [c for c in head[: head.rfind(b"\n") + 1 or None].decode("gb18030", errors="ignore") if ord(c) > 127]
    everyday = sum(_everyday(c) for c in characters)
    return bool(characters) and everyday / len(characters) >= _COMMON_HANZI


_WESTERN = frozenset("äöüßéèêëàâçñáíóúãõåæøïîôûÄÖÜÉÈÀÂÇÑÁÍÓÚÃÕÅÆØÔÎ€£©®°·«»¿¡–—‘’“”…ºª²³½\xa0")


def _western(head: bytes) -> bool:
    """Read as Windows-1252, are the characters those of western European words?"""
    characters = [c for c in head.decode("cp1252", errors="replace") if ord(c) > 127]
    return bool(characters) and sum(c in _WESTERN for c in characters) / len(characters) >= 0.9


def _everyday(character: str) -> bool:
    """In GB2312's first level (the 3,755 commonest characters) or its punctuation."""
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)
