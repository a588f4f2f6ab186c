"""Rows as Parquet files of bounded size, ready to be taken over by the store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 5_000_000  # of one file: what an erasure of one person has to write again
BATCH = 100_000  # rows of a row group
MANY_FILES = 64  # a table of more is compacted
SMALL = 1_000_000  # rows of a file that is then written again


class Parts:
    """Writes batches of one schema to new files in `folder`; `paths` are the files that hold rows.

    Only moments get smallest and largest values: they let a reader pass over rows of other days. Those of ids would be somebody's.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.paths: list[Path] = []
        self._folder, self._schema = folder, schema
        self._moments = [field.name for field in schema if pa.types.is_temporal(field.type)]
        self._writer: pq.ParquetWriter | None = None
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        if self._writer is None or self._rows >= ROWS:
            self._open()
        assert self._writer is not None  # noqa: S101 - it was opened
        self._writer.write_batch(batch)
        self._rows += batch.num_rows

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _open(self) -> None:
        self.close()
        self._rows = 0
        self.paths.append(self._folder / f"part-{uuid4()}.parquet")
        self._writer = pq.ParquetWriter(self.paths[-1], self._schema, compression="snappy", write_statistics=self._moments)


def stored(folder: Path, reader: pa.RecordBatchReader) -> list[Path]:
    """All rows of a reader as files. Returns the files."""
    with Parts(folder, reader.schema) as parts:
        for batch in _whole(reader):
            parts.write(batch)
    return parts.paths


def _whole(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    """Batches of at least BATCH rows but the last: a join gives them in crumbs, and each would be a row group."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(map(len, held)) >= BATCH:
            yield pa.concat_batches(held)
            held = []
    if held:
        yield pa.concat_batches(held)
