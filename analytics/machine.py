"""What the machine refuses: room on the disk, memory, time. Each library raises errors of its own; their words are alike."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from analytics.errors import UserError

_NO_ROOM = "|".join(re.escape(os.strerror(code)) for code in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT))
_SIGNS = {
    "disk_full": _NO_ROOM,
    "spill_full": "max_temp_directory_size",
    "out_of_memory": "Out of Memory Error",
    "import_limits": "MemoryError|bad_alloc|[Mm]emory allocation|[Cc]annot allocate memory|failed to map segment|can't start new thread|"
    "exceeded maximum execution time",
}


def limit_in(text: str) -> UserError | None:
    """The limit that an error's text speaks of, as the user can mend it; None when it is another error."""
    return next((UserError(key) for key, sign in _SIGNS.items() if re.search(sign, text)), None)


def limit_met(error: BaseException) -> UserError | None:
    """The limit that an error came from; None when it is a bug."""
    return limit_in(f"{type(error).__name__}: {error}")


@contextmanager
def limits_told() -> Iterator[None]:
    """Raises  UserError disk_full | spill_full | out_of_memory | import_limits in place of what a library raised; other errors pass"""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if limit := limit_met(error):
            raise limit from error
        raise
