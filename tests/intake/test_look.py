"""One pass over the bytes says what a plain reading of the whole text says, wherever the pieces are cut."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.intake import look as module
from analytics.intake.look import look
from analytics.intake.mend import Mender

PIECES = [
    "a",
    ",",
    '"',
    "\n",
    "\r\n",
    "\r",
    "\t",
    "\0",
    "\x7f",
    "é",
    "上",
    "🍵",
    "\u202e",
    "\u200b",
    "\u2066",
    "\u061c",
    "\x85",
    "\ufeff",
    "“",
]
TURNING = re.compile("[\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def seen(content: bytes, size: int) -> module._Text:
    """What is seen when the content comes in pieces of `size` bytes."""
    text = module._Text()
    for start in range(0, len(content), size):
        text.see(content[start : start + size])
    text.end()
    return text


def is_hidden(character: str) -> bool:
    return bool(TURNING.fullmatch(character)) or (unicodedata.category(character) == "Cc" and character not in "\t\r\n")


@settings(max_examples=400, deadline=None, derandomize=True)
@given(parts=st.lists(st.sampled_from(PIECES), max_size=25), size=st.integers(3, 9))
def test_pieces_say_what_the_whole_says(parts: list[str], size: int) -> None:
    written = "".join(parts)
    text = seen(written.encode(), size)
    body = written.removeprefix("\ufeff")
    assert text.utf8
    assert text.lines == sum(bool(line) for line in re.split(r"\r\n|\r|\n", written))
    assert text.clean == (not any(map(is_hidden, body)))
    if "\r" not in written:  # a lone return is damage of its own
        assert text.open_quote == any(line.count('"') % 2 for line in body.split("\n"))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    content=st.lists(st.sampled_from([b"a", "é".encode(), "上".encode(), b"\xff", b"\xc3", b"\x80", b"\n"]), max_size=20),
    size=st.integers(1, 5),
)
def test_what_is_no_utf8_is_found_wherever_it_is_cut(content: list[bytes], size: int) -> None:
    whole = b"".join(content)
    try:
        whole.decode()
    except UnicodeDecodeError:
        assert not seen(whole, size).utf8
        return
    assert seen(whole, size).utf8


@pytest.mark.parametrize(
    ("content", "ends"),
    [
        (b"a\nb\n", {"lf"}),
        (b"a\r\nb\r\n", {"crlf"}),
        (b"a\r\nb\n", {"crlf", "lf"}),
        (b"a\rb\r\n", {"cr", "crlf"}),
        (b"a\rb\rc", {"cr"}),
        (b"a\nb\r", {"lf", "cr"}),
        (b"ab", set()),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_line_ends_are_told_apart_wherever_they_are_cut(content: bytes, ends: set[str], size: int) -> None:
    assert seen(content, size).ends == ends


def test_the_digest_is_that_of_all_bytes_and_of_the_file_as_it_is_now(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for content in (b"", b"a,b\n" * 600_000, b"\xff" * 3_000_000):
        path.write_bytes(content)
        assert look(path).sha256 == hashlib.sha256(content).hexdigest()


def mended(folder: Path, text: str, *, width: int = 3, above: int = 1) -> tuple[list[tuple[str, str, str]], str, int]:
    """The bad lines, the text that is left, and the records in it."""
    source, target = folder / "a.csv", folder / "b.csv"
    source.write_bytes(text.encode("latin-1"))
    mender = Mender(delimiter=",", width=width, above=above)
    return list(mender.mend(source, target)), target.read_text(encoding="latin-1"), mender.kept


def test_a_line_taken_out_leaves_an_empty_one_so_that_numbers_stay(tmp_path: Path) -> None:
    bad, text, kept = mended(tmp_path, 'a,b,c\r\n1,"x,3\r\n1,2,3\r1,2\n"1","2\n2",3\n')
    assert bad == [("2", "unquoted value", '1,"x,3'), ("4", "missing columns", "1,2")]
    assert (text, kept) == ('a,b,c\n\n1,2,3\n\n"1","2\n2",3\n', 2)


def test_a_cell_over_more_than_two_hundred_lines_is_taken_for_an_open_quote(tmp_path: Path) -> None:
    inside = "\n" * 150
    assert mended(tmp_path, f'a,b,c\n1,2,"x{inside}y"\n')[0] == []
    far = "\n" * 250
    assert [line for line, _, _ in mended(tmp_path, f'a,b,c\n1,2,"x{far}y"\n1,2,3\n')[0]] == ["2", "252"]


def test_the_header_is_kept_whatever_it_holds(tmp_path: Path) -> None:
    bad, text, kept = mended(tmp_path, "report\na,b\xe9,c\n1,2,3\n", above=2)
    assert (bad, text, kept) == ([], "report\na,b\xe9,c\n1,2,3\n", 1)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize(
    ("content", "tidy"),
    [
        (b"a b,c d\ne f,g\n", True),
        (b"a ,b\n", False),
        (b"a, b\n", False),
        (b"a,b \n", False),
        (b"a,b\n c,d\n", False),
        (b" a,b\n", False),
        (b"a,b ", False),
        (b'"x y",b\n', True),
        (b'" x",b\n', False),
        (b"a  b,c\n", True),
    ],
)
def test_a_space_at_the_edge_of_a_cell_is_seen_wherever_it_is_cut(content: bytes, tidy: bool, size: int) -> None:
    assert seen(content, size).tidy is tidy
