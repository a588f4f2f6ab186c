"""A cancelled import is gone within a second, whatever it was doing, and nothing of it is to be seen."""

from __future__ import annotations

import os
import time

import pytest

from analytics import jobs, store
from analytics.errors import UserError
from tests.faults.world import FIRST, W, load, orders, state, strays


def there(pid: int) -> bool:
    """Whether a process of the group lives."""
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("step", ["read", "load", "build"])
def test_cancel_ends_the_import_within_a_second(home, tmp_path, step) -> None:
    load(orders(tmp_path / "one.csv", FIRST, seed=1))
    old = state()
    job = jobs.start_load(W, [orders(tmp_path / "large.csv", 400_000, seed=2, first=100_000)], {})
    while (seen := job.progress()).step != step or (step == "load" and not seen.rows):
        assert not seen.done, "the import ended before it could be cancelled"
        time.sleep(0.002)
    begun = time.monotonic()
    job.cancel()
    with pytest.raises(UserError) as told:
        job.result()
    assert told.value.key == "cancelled" and time.monotonic() - begun < 1
    assert not there(job._process.pid)
    assert state() == old
    assert seen.rows > 0 if step == "load" else True
    load(orders(tmp_path / "next.csv", FIRST, seed=3, first=900_000))
    assert state()["summary"]["transactions"]["orders"] == 2 * (FIRST - 3) and strays(store.folder(W)) == []
