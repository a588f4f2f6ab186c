"""One thread for many small sums: the threads of an algebra library that wait for one another take most of their time."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from importlib import import_module
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread(library: str) -> AbstractContextManager[Any]:
    """Within it, whatever `library` has loaded keeps to one thread."""
    limit: AbstractContextManager[Any] = _loaded_by(library).limit(limits=1)
    return limit


@cache
def _loaded_by(library: str) -> ThreadpoolController:
    import_module(library)
    return ThreadpoolController()
