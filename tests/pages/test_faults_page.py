"""What the machine or the disk did is explained on the page as in the terminal."""

from __future__ import annotations

import errno

from analytics import store, warehouse
from analytics.settings import DEFAULT_WORKSPACE


def test_a_damaged_version_is_explained_and_everything_else_of_the_page_stands(sample, open_page) -> None:
    path = sample / DEFAULT_WORKSPACE / "versions" / "000001.json"
    path.write_bytes(path.read_bytes()[:-40])
    for page in ("overview", "data"):
        app = open_page(page)
        assert not app.exception
        assert {"000001.json" in error.value.replace("\\", "") and "backup" in error.value for error in app.error} == {True}
    assert store.versions(DEFAULT_WORKSPACE) == [] and len(list(path.parent.iterdir())) == 1  # no demo was put in its place


def test_a_full_disk_is_explained_and_is_no_bug(sample, open_page, monkeypatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "spill")

    warehouse._open.clear()
    monkeypatch.setattr(warehouse.duck, "connect", full)
    app = open_page("overview")
    assert not app.exception
    assert "The disk is full" in app.error[0].value
