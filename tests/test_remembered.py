"""What a user keeps under a name in a workspace: scenarios and other settings."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from analytics import store
from analytics.erasure import delete_workspace
from analytics.errors import UserError


def test_it_is_kept_by_name_until_it_is_forgotten(home: Path) -> None:
    assert store.remembered("w", "scenarios") == {}
    store.remember("w", "scenarios", "更高积分", {"earn": 1.5})
    store.remember("w", "scenarios", "../leaner", {"earn": 0.5})
    store.remember("w", "scenarios", "更高积分", {"earn": 2.0})
    assert list(store.remembered("w", "scenarios").items()) == [("更高积分", {"earn": 2.0}), ("../leaner", {"earn": 0.5})]
    assert store.remembered("w", "thresholds") == {}
    store.remember("w", "scenarios", "更高积分", None)
    assert store.remembered("w", "scenarios") == {"../leaner": {"earn": 0.5}}


def test_it_is_still_there_in_the_next_version(home: Path) -> None:
    store.remember("w", "scenarios", "lean", {"earn": 0.5})
    with store.drafting("w") as draft:
        assert draft.publish().number == 1
    assert store.remembered("w", "scenarios") == {"lean": {"earn": 0.5}}


def test_many_who_keep_something_at_once_all_do(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.remember("w", "scenarios", f"s{n}", n), range(1, 25)))
    assert set(store.remembered("w", "scenarios").values()) == set(range(1, 25))


def test_a_damaged_file_is_said_to_be(home: Path) -> None:
    store.remember("w", "scenarios", "lean", {"earn": 0.5})
    (store.folder("w") / "notes" / "scenarios.json").write_text("{", encoding="utf-8")
    with pytest.raises(UserError) as error:
        store.remembered("w", "scenarios")
    assert error.value.key == "damaged_file"


def test_it_goes_with_the_workspace(home: Path) -> None:
    store.remember("w", "scenarios", "lean", {"earn": 0.5})
    delete_workspace("w")
    assert store.remembered("w", "scenarios") == {}
