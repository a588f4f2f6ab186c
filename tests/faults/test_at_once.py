"""Several at once: one writer a workspace, the others told who; readers see one version or another, never both."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from analytics import store
from analytics.access import Access
from analytics.erasure import delete_customer
from analytics.errors import UserError
from analytics.marts.build import open_current
from analytics.studies import CATALOGUE, answer
from tests.faults.world import FIRST, W, Work, importing, load, orders, state


@pytest.fixture
def files(tmp_path):
    """Two files of the same shop, without a common order."""
    return orders(tmp_path / "one.csv", FIRST, seed=1), orders(tmp_path / "two.csv", FIRST, seed=2, first=100_000)


GOOD = FIRST - 3  # orders 7, 1007 and 2007 cannot be read


def stopped(work: Work) -> Work:
    """The process, standing still while it holds the workspace's lock."""
    assert work.until(lambda: work.at_work)
    work.signal(signal.SIGSTOP)
    assert work.at_work and work.process.poll() is None
    return work


def going_on(work: Work) -> int:
    work.signal(signal.SIGCONT)
    return work.process.wait(60)


def test_of_two_imports_at_once_one_wins_and_the_other_is_told_its_process(home, files) -> None:
    first = stopped(importing(home, files[0]))
    refused = importing(home, files[1]).answer()
    assert refused == {"error": {"key": "import_running", "facts": {"pid": str(first.process.pid)}}}
    assert going_on(first) == 0
    assert importing(home, files[1]).answer()["report"]["tables"]["transactions"]["orders"] == 2 * GOOD


def test_two_workspaces_import_at_once(home, files) -> None:
    both = [importing(home, path, workspace) for path, workspace in zip(files, ("north", "south"), strict=True)]
    assert [work.answer()["report"]["tables"]["transactions"]["orders"] for work in both] == [GOOD, GOOD]
    assert state("north")["sums"] != state("south")["sums"]


def test_an_import_is_refused_while_a_deletion_runs_and_the_other_way_round(home, files) -> None:
    load(files[0])
    deletion = stopped(Work(home, ["analytics", "delete-customer", "C17", "--workspace", W]))
    refused = importing(home, files[1]).answer()
    assert refused == {"error": {"key": "import_running", "facts": {"pid": str(deletion.process.pid)}}}
    assert going_on(deletion) == 0
    running = stopped(importing(home, files[1]))
    with pytest.raises(UserError) as told:
        delete_customer(W, "C18")
    assert (told.value.key, told.value.facts) == ("import_running", {"pid": str(running.process.pid)})
    assert going_on(running) == 0
    delete_customer(W, "C18")


def overview() -> tuple[int, str]:
    """The version in force and what the first page says of it."""
    house = open_current(Access(workspace=W))
    return house.version.number, repr(answer(CATALOGUE["overview"], house, CATALOGUE["overview"].params()).estimates)


def test_eight_readers_get_whole_answers_of_one_version_while_versions_change(home, files) -> None:
    load(files[0])
    answers: list[tuple[int, str]] = []
    failed: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                answers.append(overview())
        except BaseException as error:  # an assertion in a thread is not seen by itself
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(8)]
    for reader in readers:
        reader.start()
    importing(home, files[1]).answer()
    for number in (1, 2):
        store.go_back(W, number)
        seen = len(answers)
        while len(answers) < seen + 8 and not failed:
            time.sleep(0.01)
    done.set()
    for reader in readers:
        reader.join()
    assert failed == []
    expected = {}
    for number in (1, 2):
        store.go_back(W, number)
        expected[number] = overview()[1]
    assert expected[1] != expected[2] and {number for number, _ in answers} == {1, 2}
    assert all(text == expected[number] for number, text in answers)
    print(f"{len(answers)} answers read by 8 threads while versions changed, {len(answers)} of them whole")


def test_marts_that_are_missing_are_built_once_for_all_who_ask(home, files, monkeypatch) -> None:
    from analytics import warehouse
    from analytics.marts import build

    load(files[0])
    expected = overview()
    (store.marts_folder(W, store.current(W)) / "cube.parquet").unlink()
    warehouse._open.clear()
    built: list[int] = []
    real = build.build
    monkeypatch.setattr(build, "build", lambda *args, **words: (built.append(os.getpid()), real(*args, **words))[1])
    answers: list[tuple[int, str]] = []
    readers = [threading.Thread(target=lambda: answers.append(overview())) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert answers == [expected] * 8 and len(built) == 1
