"""Which encoding a text file is in, and the same text as UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from charset_normalizer import from_bytes

from analytics.errors import UserError
from analytics.intake.look import CHUNK, Look, look

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_COMMON_HANZI = 0.7  # least share of everyday characters for bytes to be taken as Chinese
_UNDECODABLE = "tierwise.undecodable"
_MARK = "\udcff"  # written as the byte FF, which is nowhere in UTF-8
_UTF8_RUN = re.compile(rb"(?<![\x80-\xff])(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2})+(?![\x80-\xff])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """encoding: Python's name; sure: False when only likely, so that the preview deserves a look."""

    encoding: str
    sure: bool = True


def detect(path: Path) -> Encoded:
    """The encoding of a text file: BOM, else UTF-8 if all of it decodes, else UTF-16, mostly UTF-8, Chinese, Western.

    Raises  UserError unreadable_file when it is not text
    """
    seen = look(path)
    for bom, encoding in _BOMS:
        if seen.head.startswith(bom):
            return Encoded(encoding=encoding)
    if wide := _wide(seen.head):
        return Encoded(encoding=wide)
    if b"\x00" * 4 in seen.head:
        raise UserError("unreadable_file", file=path.name)
    if seen.utf8 or _mostly_utf8(seen):
        return Encoded(encoding="utf-8")
    if _chinese(seen.foreign):
        return Encoded(encoding="gb18030")
    if _western(seen.foreign):
        return Encoded(encoding="cp1252", sure=False)
    best = from_bytes(seen.foreign, cp_isolation=["cp1252", "latin_1", "cp1250", "cp1251", "big5", "shift_jis", "euc_kr"]).best()
    return Encoded(encoding=best.encoding.replace("_", "-") if best else "latin-1", sure=False)


def to_utf8(path: Path, encoding: str, target: Path) -> Path:
    """The file as UTF-8 without BOM, in `target`. What does not decode, or is UTF-8 already, becomes a byte that is no UTF-8:
    its line can then be rejected, and is never loaded garbled."""
    decoder = codecs.getincrementaldecoder(encoding)(_UNDECODABLE)
    with path.open("rb") as source, target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as sink:
        rest = b""
        while chunk := source.read(CHUNK):
            lines = rest + chunk
            cut = lines.rfind(b"\n") + 1 or len(lines)
            sink.writelines(_decoded(decoder, lines[:cut], encoding))
            rest = lines[cut:]
        sink.writelines(_decoded(decoder, rest, encoding))
        sink.write(decoder.decode(b"", final=True))
    return target


def _decoded(decoder: codecs.IncrementalDecoder, text: bytes, encoding: str) -> Iterator[str]:
    """Text of whole lines, a mark before each that is UTF-8 in a file that is not."""
    start = 0
    for run in () if encoding.startswith("utf") or text.isascii() else _UTF8_RUN.finditer(text):
        if _is_utf8_here(run.group(), encoding):
            yield decoder.decode(text[start : run.start()]) + _MARK + run.group().decode("utf-8", "replace")
            start = run.end()
    yield decoder.decode(text[start:])


def _is_utf8_here(run: bytes, encoding: str) -> bool:
    """Letters of one byte never look like UTF-8 by chance; two Chinese characters may look like a few rare ones."""
    if encoding.startswith(("cp125", "iso8859", "koi8", "mac")):
        return True
    return len(run) >= 6 and _share(run.decode("utf-8", "replace")) > _share(run.decode(encoding, "replace"))


def _undecodable(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - only decoders ask
    return _MARK, error.end


codecs.register_error(_UNDECODABLE, _undecodable)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a BOM: in mostly Latin text every second byte is zero."""
    if len(head) < 4:
        return None
    even, odd = head[0::2].count(0) / len(head) * 2, head[1::2].count(0) / len(head) * 2
    if odd > 0.3 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.3 and odd < 0.05 else None


def _mostly_utf8(seen: Look) -> bool:
    """A UTF-8 file with some lines in something else: those are rejected one by one, the rest is read."""
    lines = seen.foreign.split(b"\n")
    header = re.split(rb"[\r\n]", seen.head, maxsplit=1)[0]
    return _is_utf8(header) and 2 * sum(map(_is_utf8, lines)) >= len(lines)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _chinese(foreign: bytes) -> bool:
    """Read as GB18030, are the characters everyday Chinese? Western bytes read so give rare ones."""
    return _share(foreign.decode("gb18030", errors="ignore")) >= _COMMON_HANZI


def _share(text: str) -> float:
    """How many of the characters beyond ASCII are everyday Chinese."""
    characters = [c for c in text if ord(c) > 127]
    return sum(map(_everyday, characters)) / len(characters) if characters else 0.0


_WESTERN = frozenset("äöüßéèêëàâçñáíóúãõåæøïîôûÄÖÜÉÈÀÂÇÑÁÍÓÚÃÕÅÆØÔÎ€£©®°·«»¿¡–—‘’“”…ºª²³½\xa0")


def _western(foreign: bytes) -> bool:
    """Read as Windows-1252, are the characters those of western European words?"""
    characters = [c for c in foreign.decode("cp1252", errors="replace") if ord(c) > 127]
    return bool(characters) and sum(c in _WESTERN for c in characters) / len(characters) >= 0.9


def _everyday(character: str) -> bool:
    """In GB2312's first level (the 3,755 commonest characters) or its punctuation."""
    try:
        lead = character.encode("gb2312")[0]
    except UnicodeEncodeError:
        return False
    return 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)
