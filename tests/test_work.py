"""Work folders go with whoever made them, however that process ended."""

from __future__ import annotations

import subprocess
import sys

from analytics import store
from analytics.settings import ROOT
from analytics.work import WorkFolder, alive, sweep

DIES = "import os, signal; from analytics import store; f = store.work_folder('w', 'import'); (f.path / 'rows.csv').write_text('anna'); "


def killed(home) -> None:
    """A process that made a work folder and was killed in it."""
    done = subprocess.run([sys.executable, "-c", DIES + "os.kill(os.getpid(), signal.SIGKILL)"], cwd=ROOT)
    assert done.returncode == -9


def files(home) -> list[str]:
    return sorted(path.name for path in (home / "w" / "work").rglob("*") if path.is_file())


def test_a_work_folder_is_gone_when_it_is_closed_or_forgotten(tmp_path) -> None:
    with WorkFolder(tmp_path, "import") as path:
        assert path.parent == tmp_path and path.is_dir()
    assert not path.exists()
    folder = WorkFolder(tmp_path, "uploads")
    path = folder.path
    del folder
    assert not path.exists()


def test_what_a_killed_process_left_is_swept_by_the_next_import_and_what_a_living_one_uses_is_not(home) -> None:
    killed(home)
    assert files(home) == ["rows.csv"]
    with store.work_folder("w", "uploads") as mine:
        (mine / "upload.csv").write_text("bob")
        with store.drafting("w"):
            assert files(home) == ["upload.csv"]
    assert files(home) == []


def test_the_living_are_told_by_kind_and_process(home, tmp_path) -> None:
    import os

    killed(home)
    with store.work_folder("w", "import") as mine:
        assert [(kind, process, path) for kind, process, path in alive(mine.parent)] == [("import", os.getpid(), mine)]
        assert sweep(mine.parent) == 1
