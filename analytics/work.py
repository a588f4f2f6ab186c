"""Work folders: files that no version needs, gone with whoever made them.

A folder is locked while its maker lives. However a process ends, the system drops its locks: what is not locked was left behind.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path


class WorkFolder:
    """A new folder `<parent>/<kind>-<process>-<random>`, removed when closed, when nobody refers to it any more, or at exit."""

    def __init__(self, parent: Path, kind: str) -> None:
        self.path, handle = _make(parent, kind)
        self._remove = weakref.finalize(self, _remove, self.path, handle)

    def close(self) -> None:
        self._remove()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(self, *error: object) -> None:
        self.close()


def sweep(parent: Path) -> int:
    """Remove the folders whose makers are dead. Returns how many there were."""
    swept = 0
    for path in parent.glob("*-*-*"):
        handle = _lock(path, wait=False)
        if handle is not None:
            _remove(path, handle)
            swept += 1
    return swept


def alive(parent: Path) -> Iterator[tuple[str, int, Path]]:
    """Kind, process and path of the folders whose makers are at work."""
    for path in parent.glob("*-*-*"):
        handle = _lock(path, wait=False)
        if handle is None and path.exists():
            kind, process, _ = path.name.split("-", 2)
            yield kind, int(process), path
        elif handle is not None:
            os.close(handle)


def _make(parent: Path, kind: str) -> tuple[Path, int]:
    parent.mkdir(parents=True, exist_ok=True)
    while True:  # a sweep that came between making and locking took the folder away
        path = Path(tempfile.mkdtemp(prefix=f"{kind}-{os.getpid()}-", dir=parent))
        handle = _lock(path, wait=True)
        if handle is not None and path.exists():
            return path, handle


def _lock(path: Path, *, wait: bool) -> int | None:
    """A handle that holds the folder's lock; None when someone else holds it or the folder is gone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _remove(path: Path, handle: int) -> None:
    shutil.rmtree(path, ignore_errors=True)
    os.close(handle)
