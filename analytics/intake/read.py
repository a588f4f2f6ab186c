"""Files of any kind become text relations: every column VARCHAR, a row number, nothing interpreted yet."""

from __future__ import annotations

import codecs
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics import duck
from analytics.errors import UserError
from analytics.intake import encoding as enc
from analytics.intake import workbook
from analytics.intake.dialect import (
    DELIMITERS,
    SAMPLE_LINES,
    WHITESPACE,
    clean_header,
    delimiter_of,
    head_of,
    header_row,
    is_headless,
    line_of,
    parsed,
)
from analytics.intake.look import look
from analytics.intake.mend import Mender
from analytics.intake.report import Answers

MAX_COLUMNS = 500
MAX_UNZIPPED = 8 << 30
MAX_RATIO = 200
MAX_MEMBERS = 200
_BATCH = 20_000
_FLOATS = ("DOUBLE", "FLOAT")
_UNREADABLE = (duckdb.InvalidInputException, duckdb.ConversionException, UnicodeDecodeError)  # a message may quote half a character


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """One readable table of text.

    path      what the user calls it: the file, or "archive.zip/member.csv" or "book.xlsx/Sheet"
    name      relation in DuckDB: _row (1-based record number) and `header` columns, all VARCHAR
    header    clean, unique names in the file's order
    renamed   clean name -> name in the file, where cleaning changed it
    records   rows, where they were counted while reading
    workbook  what the user calls the workbook, when several of its sheets are tables
    sheet, sheets, empty_sheets, hidden_sheets, error_cells   of a workbook: the sheet read, those it could be, those without a
              table, those hidden, and how many cells were in error
    clean     no cell holds a control character, not even a line end or a tab
    tidy      no cell begins or ends with a space, none is empty without being null
    signs     some cell may hold a currency sign
    floats    columns in which "nan" is a number that is none, not a word
    rejects   table of structural rejects (line, csv_line, error_type), filled while `name` is scanned; CSV only
    unread    relation of lines (line, csv_line, error_type) that were taken out before
    lines     records that have to come out of the scan, rejected or not; None when not known
    """

    path: str
    name: str
    header: tuple[str, ...]
    renamed: dict[str, str]
    encoding: str | None = None
    sure: bool = True
    delimiter: str | None = None
    records: int | None = None
    workbook: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    empty_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    error_cells: int = 0
    rejects: str | None = None
    unread: str | None = None
    lines: int | None = None
    headless: bool = False
    skipped: int = 0
    clean: bool = False
    tidy: bool = False
    signs: bool = True
    floats: frozenset[str] = frozenset()

    @property
    def above(self) -> int:
        """Lines above the first record. Parquet and JSON have none."""
        written = self.delimiter is not None or self.sheet is not None
        return self.skipped + (1 if written and not self.headless else 0)


class Reader:
    """Opens files into one DuckDB connection. `work` is a folder for what has to be unpacked or transcoded."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, work: Path) -> None:
        self.connection = connection
        self.work = work
        self._count = 0

    def open(self, path: Path, shown: str, answers: Answers) -> list[Raw]:
        """The tables in a file: one, or one per member of a zip. `shown` is what the user calls the file.

        Raises  UserError no_such_file | empty_file | unreadable_file | too_large | no_rows
        """
        return list(self._open(path, shown, answers))

    def _open(self, path: Path, shown: str, answers: Answers, *, inside: bool = False) -> Iterator[Raw]:
        if not path.is_file():
            raise UserError("no_such_file", file=shown)
        with path.open("rb") as handle:
            magic = handle.read(8)
        if not magic:
            raise UserError("empty_file", file=shown)
        if magic.startswith(b"PK"):
            yield from self._zip(path, shown, answers, inside=inside)
        elif magic.startswith(b"PAR1"):
            yield self._parquet(path, shown)
        elif magic.startswith(b"\xd0\xcf\x11\xe0"):
            yield from self._workbook(path, shown, answers)
        elif magic.startswith((b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"\x7fELF")):
            raise UserError("unreadable_file", file=shown)
        else:
            yield self._text(path, shown, answers)

    # --- archives and workbooks

    def _zip(self, path: Path, shown: str, answers: Answers, *, inside: bool) -> Iterator[Raw]:
        try:
            with zipfile.ZipFile(path) as archive:
                members = [m for m in archive.infolist() if not m.is_dir() and not _hidden(m.filename)]
                _refuse_bomb(members, shown)
                names = {member.filename for member in members}
                if names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
                    yield from self._workbook(path, shown, answers)
                    return
                if inside:
                    raise UserError("too_large", file=shown)  # archives in archives unpack without end
                if not members:
                    raise UserError("empty_file", file=shown)
                for member in members:
                    target = self._fresh(Path(member.filename).suffix)
                    with archive.open(member) as source, target.open("wb") as sink:
                        while chunk := source.read(1 << 20):
                            sink.write(chunk)
                    yield from self._open(target, f"{shown}/{member.filename}", answers, inside=True)
        except (zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise UserError("unreadable_file", file=shown) from error

    def _workbook(self, path: Path, shown: str, answers: Answers) -> Iterator[Raw]:
        """Every visible sheet that holds a table, or the one that was asked for."""
        with workbook.opened(path, shown) as book:
            if answers.sheet and answers.sheet not in (*book.visible, *book.hidden):
                raise UserError("no_such_sheet", file=shown, sheet=answers.sheet, sheets=", ".join(book.visible))
            chosen = (answers.sheet,) if answers.sheet else book.visible
            filled = [raw for sheet in chosen if (raw := self._sheet(book, sheet, shown))]
            tables = [raw for raw in filled if raw.records and len(raw.header) > 1] or filled[:1]
            if not tables:
                raise UserError("no_rows", file=shown)
            aside = tuple(name for name in chosen if name not in [raw.sheet for raw in tables])
            first = replace(tables[0], sheets=book.visible, empty_sheets=aside, hidden_sheets=book.hidden, error_cells=book.errors)
            several = len(tables) > 1
            for raw in (first, *tables[1:]):
                yield replace(raw, path=f"{shown}/{raw.sheet}", workbook=shown, sheets=book.visible) if several else raw

    def _sheet(self, book: workbook.Workbook, sheet: str, shown: str) -> Raw | None:
        rows = enumerate(book.rows(sheet))
        blank, first = next(((number, row) for number, row in rows if _says_something(row)), (0, None))
        if first is None:
            return None
        raw = self._rows(chain([first], (row for _, row in rows)), shown, sheet=sheet)
        return replace(raw, skipped=raw.skipped + blank)

    def _rows(self, rows: Iterable[Sequence[object]], shown: str, **facts: Any) -> Raw:
        """Rows of cells, the header among the first of them, staged as Parquet."""
        rows = iter(rows)
        head = [list(map(workbook.as_text, row)) for row in islice(rows, SAMPLE_LINES)]
        while head and not any(head[-1]):
            head.pop()
        if not head:
            raise UserError("no_rows", file=shown)
        skip = header_row(head)
        width = max(len(row) for row in head[skip:])
        headless = is_headless(head[skip], head[skip + 1 :])
        names = [None] * width if headless else [*head[skip], *[None] * (width - len(head[skip]))]
        header, renamed = clean_header(names, shown)
        body = head[skip:] if headless else head[skip + 1 :]
        target = self._fresh(".parquet")
        records = _stage(header, chain(body, rows), target)
        name = self._relation(header, f"read_parquet({duck.text(str(target))}, file_row_number=true)", "file_row_number + 1")
        return Raw(path=shown, name=name, header=header, renamed=renamed, headless=headless, skipped=skip, records=records, **facts)

    # --- Parquet

    def _parquet(self, path: Path, shown: str) -> Raw:
        try:
            meta = pq.read_metadata(path)
        except (pa.ArrowException, OSError) as error:
            raise UserError("unreadable_file", file=shown) from error
        if meta.num_rows > 10_000_000 and meta.num_rows > 2 * path.stat().st_size:
            raise UserError("too_large", file=shown)
        scan = f"read_parquet({duck.text(str(path))}, file_row_number=true)"
        try:
            columns = [(str(name), str(kind)) for name, kind, *_ in self.connection.execute(f"describe select * from {scan}").fetchall()]
            whole = ", ".join(duck.quoted(name) for name, _ in columns)
            self.connection.execute(f"select bit_xor(hash({whole})) from {scan}")  # every page, before anything is built on it
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise UserError("unreadable_file", file=shown) from error
        columns = [column for column in columns if column[0] not in ("file_row_number", "__index_level_0__")]
        header, renamed = clean_header([name for name, _ in columns], shown)
        texts = [_as_text(duck.quoted(name), kind) for name, kind in columns]
        name = self._relation(header, scan, "file_row_number + 1", texts)
        floats = frozenset(name for name, (_, kind) in zip(header, columns, strict=True) if kind in _FLOATS)
        return Raw(path=shown, name=name, header=header, renamed=renamed, floats=floats)

    # --- text

    def _text(self, path: Path, shown: str, answers: Answers) -> Raw:
        found = enc.Encoded(encoding=answers.encoding) if answers.encoding else enc.detect(path)
        plain = _codec(found.encoding, shown)
        utf8 = path if plain in ("utf-8", "utf-8-sig") else enc.to_utf8(path, plain, self._fresh(".txt"))
        head = head_of(utf8)
        if not head.strip():
            raise UserError("empty_file", file=shown)
        if head.lstrip()[0] in "{[" and (table := self._json(utf8, head, shown, found)):
            return table
        return self._csv(utf8, head, shown, answers, found)

    def _json(self, path: Path, head: str, shown: str, found: enc.Encoded) -> Raw | None:
        """The objects of an array or of JSON lines, staged as Parquet: a column for each key. None when it is neither."""
        if found.encoding == "utf-8-sig":
            path = enc.to_utf8(path, found.encoding, self._fresh(".txt"))
        kind = "array" if head.lstrip()[0] == "[" else "newline_delimited"
        scan = (
            f"read_json({duck.text(str(path))}, format='{kind}', records=false, columns={{o: 'MAP(VARCHAR, VARCHAR)'}}, ignore_errors=true)"
        )
        try:
            if not self.connection.execute(f"select count(o) from (select o from {scan} limit 20)").fetchall()[0][0]:
                return None
        except _UNREADABLE:
            return None
        if kind == "array" and not _tail(path).rstrip().endswith(b"]"):
            raise UserError("unreadable_file", file=shown)  # cut off behind a comma, it would pass for whole
        target = self._fresh(".parquet")
        try:
            keys = self.connection.execute(
                f"select key from (select unnest(map_keys(o)) as key, row_number() over () as n from {scan}) "
                f"where not contains(key, chr(0)) group by key order by min(n) limit {MAX_COLUMNS + 1}"
            ).fetchall()
            header, renamed = clean_header([str(key) for (key,) in keys], shown)
            columns = ", ".join(f"o[{duck.text(str(key))}] as c{index}" for index, (key,) in enumerate(keys))
            self.connection.execute(f"copy (select {columns}, o is null as bad from {scan}) to {duck.text(str(target))} (format parquet)")
        except _UNREADABLE as error:
            raise UserError("unreadable_file", file=shown) from error
        staged = f"read_parquet({duck.text(str(target))}, file_row_number=true)"
        name = self._relation(header, f"{staged} where not bad", "file_row_number + 1", [f"c{index}" for index in range(len(keys))])
        unread = f"unread_{self._count}"
        bad = "file_row_number + 1 as line, 'invalid json' as error_type, '' as csv_line"
        self.connection.execute(f"create view {unread} as select {bad} from {staged} where bad")
        return Raw(path=shown, name=name, header=header, renamed=renamed, encoding=found.encoding, sure=found.sure, unread=unread)

    def _csv(self, path: Path, head: str, shown: str, answers: Answers, found: enc.Encoded) -> Raw:
        delimiter = answers.delimiter or delimiter_of(head)
        if delimiter != WHITESPACE and (len(delimiter) > 1 or delimiter in '"\r\n\0'):
            raise UserError("bad_delimiter", delimiter=delimiter[:10])
        shown_delimiter = delimiter
        if delimiter == WHITESPACE:
            path, delimiter = self._tabs(path), "\t"
            head = head_of(path)
        lines = parsed(head, delimiter)
        if not lines:
            raise UserError("no_rows", file=shown)
        first = header_row(lines)
        headless = is_headless(lines[first], lines[first + 1 :])
        width = len(lines[first])
        header, renamed = clean_header([None] * width if headless else lines[first], shown)
        skip = line_of(head, first)
        seen = look(path)
        unread, records = None, seen.lines - first - (not headless)
        if not (seen.utf8 and seen.regular):
            mender = Mender(delimiter=delimiter, width=width, above=skip + (not headless))
            path, unread = self._mended(path, mender)
            records = mender.kept
        rejects = f"rejects_{self._count}"
        columns = "{" + ", ".join(f"{duck.text(name)}: 'VARCHAR'" for name in header) + "}"
        scan = (
            f"read_csv({duck.text(str(path))}, auto_detect=false, header={str(not headless).lower()}, skip={skip}, "
            f"delim={duck.text(delimiter)}, quote='\"', escape='\"', columns={columns}, "
            f"store_rejects=true, rejects_table='{rejects}', rejects_scan='{rejects}_scan', rejects_limit=0)"
        )
        name = self._relation(header, scan, "row_number() over ()")
        return Raw(
            path=shown,
            name=name,
            header=header,
            renamed=renamed,
            encoding=found.encoding,
            sure=found.sure,
            delimiter=shown_delimiter,
            rejects=rejects,
            unread=unread,
            lines=records,
            headless=headless,
            skipped=skip,
            clean=seen.clean and seen.regular and (delimiter == "\t" or not seen.tabs),
            tidy=seen.tidy and delimiter in DELIMITERS,
            signs=seen.signs,
        )

    def _mended(self, path: Path, mender: Mender) -> tuple[Path, str]:
        """A copy that parses line by line, and the relation of the lines that do not."""
        target, bad = self._fresh(".txt"), self._fresh(".parquet")
        _stage(("line", "error_type", "csv_line"), mender.mend(path, target), bad)
        name = f"unread_{self._count}"
        self.connection.execute(f"create view {name} as select * from read_parquet({duck.text(str(bad))})")
        return target, name

    def _tabs(self, path: Path) -> Path:
        """Columns aligned by spaces, as tab-separated."""
        target = self._fresh(".tsv")
        with path.open(encoding="utf-8", errors="replace") as source, target.open("w", encoding="utf-8", newline="\n") as sink:
            sink.writelines("\t".join(line.split()) + "\n" for line in source if line.strip())
        return target

    def _fresh(self, suffix: str) -> Path:
        self._count += 1
        safe = suffix if re.fullmatch(r"\.\w{1,8}", suffix) else ""
        return self.work / f"{self._count:04d}{safe}"

    def _relation(self, header: Sequence[str], scan: str, row: str, texts: Sequence[str] | None = None) -> str:
        name = f"raw_{self._count}"
        self._count += 1
        if len(header) > MAX_COLUMNS:
            raise UserError("too_many_columns", columns=len(header), limit=MAX_COLUMNS)
        values = texts or [duck.quoted(column) for column in header]
        columns = ", ".join(f"{value} as {duck.quoted(column)}" for value, column in zip(values, header, strict=True))
        self.connection.execute(f"create view {name} as select {row} as _row, {columns} from {scan}")
        return name


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in Path(name).parts)


def _refuse_bomb(members: list[zipfile.ZipInfo], shown: str) -> None:
    """Judged from the archive's directory, before anything is unpacked."""
    size = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    if size > MAX_UNZIPPED or len(members) > MAX_MEMBERS or (size > 500 << 20 and size / packed > MAX_RATIO):
        raise UserError("too_large", file=shown)
    if any(member.flag_bits & 1 for member in members):
        raise UserError("locked_file", file=shown)  # encrypted members cannot be read
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise UserError("unreadable_file", file=shown)


def _as_text(column: str, kind: str) -> str:
    """A typed Parquet column as text; a float that is whole loses its .0, so that ids read as ids."""
    if kind in _FLOATS:
        # as text, not as a number: a file's statistics make DuckDB believe that there is no NaN
        return f"case when ends_with({column}::varchar, '.0') then left({column}::varchar, -2) else {column}::varchar end"
    return f"cast({column} as varchar)"


def _stage(header: Sequence[str], rows: Iterable[Sequence[object]], target: Path) -> int:
    """Write rows as Parquet, cells as text, column by column; empty rows are left out. Returns how many were written."""
    written, rows = 0, iter(rows)
    schema = pa.schema([(name, pa.string()) for name in header])
    with pq.ParquetWriter(target, schema, compression="snappy") as writer:
        while batch := list(islice(rows, _BATCH)):
            if kept := [_wide(row, len(header)) for row in batch if _says_something(row)]:
                columns = [pa.array(map(workbook.as_text, column), pa.string()) for column in zip(*kept, strict=True)]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
                written += len(kept)
    return written


def _wide(row: Sequence[object], width: int) -> Sequence[object]:
    return row if len(row) == width else [*row[:width], *[None] * (width - len(row))]


def _says_something(row: Sequence[object]) -> bool:
    return any(row) or any(value not in (None, "") for value in row)  # nought says something


def _codec(encoding: str, shown: str) -> str:
    try:
        b"".decode(encoding)  # refuses the codecs that are not of text
        return codecs.lookup(encoding).name.replace("_", "-")
    except (LookupError, ValueError) as error:
        raise UserError("bad_encoding", file=shown, encoding=encoding[:40]) from error


def _tail(path: Path) -> bytes:
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - 1_000))
        return handle.read()
