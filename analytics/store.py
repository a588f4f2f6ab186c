"""Where data is written: workspaces, their Delta tables, versions and keys. Only `erasure` changes what was written once.

A workspace is a folder:
    tables/<table>/        Delta Lake, one per canonical table
    versions/000007.json   a dataset version: which Delta version of each table, settings, where every row came from
    marts/000007/          Parquet built from that version
    rejects/000007.csv     rows of that import that could not be read
    current.json           which version is in force; replaced by rename, so a version is in force whole or not at all
    mappings.json          the user's corrections, by header
    notes/<kind>.json      what the user keeps under a name: scenarios and the like; numbers and settings, nobody's data
    exports/, cache/       reports and fitted models kept for later; an erasure removes both whole
    unpublished            there while a draft has put files into tables; found without a draft, one died: what it left is swept
    work/<kind>-.../       uploads, spilled queries and other files of processes at work; what the dead left is swept at the next import
Pseudonym keys lie beside the workspaces, not in them: a copied workspace cannot be matched back to names.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from analytics import deltalog, deltas
from analytics.contract import BY_NAME
from analytics.errors import UserError
from analytics.settings import DEFAULT_WORKSPACE, Settings, home
from analytics.work import WorkFolder, sweep

_Read = TypeVar("_Read")
RECIPE = "recipe"  # beside a version's marts: the hash of the SQL that made them
_NAME = re.compile(r"[\w][\w .-]{0,63}", re.UNICODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One state of a workspace. number 0: nothing loaded yet.

    tables   canonical table -> Delta version
    files    a FileReport as JSON plus "sha256", for every file whose rows are in this version
    summary  table -> {"rows", ...}, as `import --json` prints it
    columns  table -> columns that hold at least one value
    last_day the last day with activity that was not in the future when the version was made (ISO), or None
    demo     language of data that the product made itself, "" for the user's own; the two are never mixed
    erased   persons erased from this version after it was made
    truth    what is true of the demo programme's data, as its generator told it; empty for all other data
    """

    number: int = 0
    created_at: str = ""
    tables: Mapping[str, int] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    files: tuple[Mapping[str, Any], ...] = ()
    summary: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    columns: Mapping[str, list[str]] = field(default_factory=dict)
    last_day: str | None = None
    demo: str = ""
    parent: int | None = None
    erased: int = 0
    truth: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """What cached answers are bound to, with the number: a version changes only when a person is erased from it."""
        return f"{self.created_at} {self.erased}"


def folder(workspace: str) -> Path:
    """The workspace's folder. Raises UserError bad_workspace when the name could leave the home folder."""
    if not _NAME.fullmatch(workspace) or ".." in workspace:
        raise UserError("bad_workspace", name=workspace[:80])
    return home() / workspace


def workspaces() -> list[str]:
    """Names of the workspaces that hold a version."""
    return sorted(path.parent.name for path in home().glob("[!.]*/current.json"))


def known(workspace: str) -> str:
    """The workspace's name, if anything was ever loaded into it; the default workspace always is.

    Raises  UserError no_such_workspace
    """
    if workspace != DEFAULT_WORKSPACE and not (folder(workspace) / "current.json").exists():
        raise UserError("no_such_workspace", name=workspace)
    return workspace


def current(workspace: str) -> Version:
    """The version in force; Version(number=0) when nothing has been loaded."""
    path = folder(workspace) / "current.json"
    return load(workspace, _read(workspace, path, lambda raw: int(raw["version"]))) if path.exists() else Version()


def load(workspace: str, number: int) -> Version:
    """One version by number; 0 is the state before anything was loaded.

    Raises  UserError no_such_version | damaged_file
    """
    if number == 0:
        return Version()
    path = _version_path(workspace, number)
    if not path.exists():
        raise UserError("no_such_version", number=number)
    return _read(workspace, path, _version)


def _version(raw: Mapping[str, Any]) -> Version:
    demo = raw.get("demo") or ""  # false, where it was not yet a language
    return Version(**{**raw, "demo": demo, "settings": Settings.from_json(raw["settings"]), "files": tuple(raw["files"])})


def _read(workspace: str, path: Path, made: Callable[[Any], _Read]) -> _Read:
    """What a JSON file says. Raises UserError damaged_file."""
    try:
        return made(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, LookupError) as error:
        raise damaged(workspace, path) from error


def damaged(workspace: str, path: Path) -> UserError:
    """What to tell of a file that cannot be read: which it is, and which versions are described by files that can."""
    numbers = ", ".join(str(version.number) for version in versions(workspace))
    return UserError("damaged_file", file=str(path.relative_to(folder(workspace))), workspace=workspace, versions=numbers or "-")


def versions(workspace: str) -> list[Version]:
    """All versions whose file can be read, newest first."""
    found = []
    for path in sorted((folder(workspace) / "versions").glob("*.json"), reverse=True):
        with suppress(ValueError, TypeError, LookupError):
            found.append(_version(json.loads(path.read_text(encoding="utf-8"))))
    return found


def go_back(workspace: str, number: int) -> Version:
    """Put an earlier version in force. Nothing is lost: later versions stay listed."""
    version = load(workspace, number)
    with locked(workspace):
        _put_in_force(workspace, number)
    return version


def parquet_files(workspace: str, version: Version, table: str) -> list[str]:
    """The Parquet files that hold `table` in `version`."""
    if table not in version.tables:
        return []
    place = folder(workspace) / "tables" / table
    try:
        return deltas.files(place, version.tables[table])
    except deltas.Unreadable as error:
        raise damaged(workspace, place) from error


def marts_folder(workspace: str, version: Version) -> Path:
    return folder(workspace) / "marts" / f"{version.number:06d}"


def forget_marts(marts: Path) -> None:
    """Have a version's marts built again when they are asked for next."""
    (marts / RECIPE).unlink(missing_ok=True)


@contextmanager
def alone(workspace: str, deed: str) -> Iterator[None]:
    """One at a time does it; others wait. deed: building, or the fitting of something."""
    with (folder(workspace) / f".{deed}").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def rejects(workspace: str, version: Version) -> Path | None:
    """The CSV of rows that this version's import could not read, or None."""
    path = _rejects_path(workspace, version.number)
    return path if path.exists() else None


def work_folder(workspace: str, kind: str) -> WorkFolder:
    """A folder for files that no version needs. kind: import | uploads | spill | demo."""
    return WorkFolder(folder(workspace) / "work", kind)


def pseudonym_key(workspace: str) -> str:
    """The workspace's secret for pseudonyms (hex), made at first use, readable by its owner only."""
    path = _key_path(workspace)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_hex(32))
        try:
            os.link(fresh, path)  # the first of two writers wins; both then read the same key
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def forget_key(workspace: str) -> None:
    """Remove the secret: what it made can never be matched to a name again."""
    _key_path(workspace).unlink(missing_ok=True)


def remembered_mappings(workspace: str) -> dict[str, dict[str, str]]:
    """Corrections by header: {header key: {source column: "table.column" or ""}}."""
    path = folder(workspace) / "mappings.json"
    return _read(workspace, path, dict) if path.exists() else {}


def remember_mapping(workspace: str, header: str, mapping: Mapping[str, str]) -> None:
    """Keep the user's mapping for the next file with the same header."""
    folder(workspace).mkdir(parents=True, exist_ok=True)
    with locked(workspace):
        write_json(folder(workspace) / "mappings.json", {**remembered_mappings(workspace), header: dict(mapping)})


def remembered(workspace: str, kind: str) -> dict[str, Any]:
    """What the user keeps of a kind: name -> what was kept, in the order in which it was first kept."""
    path = _notes_path(workspace, kind)
    return _read(workspace, path, dict) if path.exists() else {}


def remember(workspace: str, kind: str, name: str, value: object) -> None:
    """Keep plain JSON under a name, in place of what was there; None forgets it. Two who keep at once both do.

    It belongs to the workspace, not to a version: it is there after every import, and goes with the workspace.
    """
    folder(workspace).mkdir(parents=True, exist_ok=True)
    with alone(workspace, "remembering"):
        kept = {**remembered(workspace, kind), name: value}
        write_json(_notes_path(workspace, kind), {name: note for name, note in kept.items() if note is not None})


@dataclass(slots=True)
class Draft:
    """A version in the making. Nothing of it is visible until `publish`.

    touched  Parquet files that name, as customer_id, everyone whose rows differ from the base version's
    """

    workspace: str
    version: Version
    touched: list[Path] = field(default_factory=list)

    def append(self, table: str, files: Sequence[Path]) -> None:
        """Add Parquet files to a table, on top of what the base version holds. They are moved, not copied."""
        self._commit(table, add=files, afresh=table not in self.version.tables)
        if "customer_id" in BY_NAME[table]:
            self.touched += [self._place(table) / path.name for path in files]

    def replace(self, table: str, files: Sequence[Path], *, touched: Sequence[Path]) -> None:
        """Put files in place of all the table held. Earlier versions keep theirs. touched: files that name whose rows change."""
        self.touched += touched
        self._commit(table, add=files, afresh=True)

    def swap(self, table: str, old: Sequence[str], new: Sequence[Path], *, touched: Sequence[Path]) -> None:
        """Put files in place of some that the table holds. Earlier versions keep theirs."""
        self.touched += touched
        self._commit(table, add=new, remove=[Path(file).name for file in old])

    def _commit(self, table: str, *, add: Sequence[Path], remove: Sequence[str] = (), afresh: bool = False) -> None:
        place = self._place(table)
        place.mkdir(parents=True, exist_ok=True)
        _mark(self.workspace).touch()
        if not afresh:
            deltas.rewind(place, self.version.tables[table])
        moved = [place / path.name for path in add]
        for path, target in zip(add, moved, strict=True):
            deltalog.sync(path)  # the log must not name a file that a power cut can take back
            path.rename(target)
        number = deltas.commit(place, BY_NAME[table], add=moved, remove=remove, afresh=afresh)
        self.version = replace(self.version, tables={**self.version.tables, table: number})

    def _place(self, table: str) -> Path:
        return folder(self.workspace) / "tables" / table

    def rejects_path(self) -> Path:
        path = _rejects_path(self.workspace, self.version.number)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def publish(self) -> Version:
        """Record the version and put it in force."""
        record(self.workspace, self.version)
        _mark(self.workspace).unlink(missing_ok=True)
        _put_in_force(self.workspace, self.version.number)
        return self.version


@contextmanager
def drafting(workspace: str, *, demo: str = "", fresh: bool = False) -> Iterator[Draft]:
    """A draft on top of the version in force; one at a time for a workspace.

    `demo` rows and own rows are never mixed: when they would be, the draft starts empty, as with `fresh`.
    Raises  UserError import_running
    """
    folder(workspace).mkdir(parents=True, exist_ok=True)
    with locked(workspace):
        sweep(folder(workspace) / "work")
        _sweep_tables(workspace)
        base = current(workspace)
        if fresh or base.demo != demo:
            base = Version(number=base.number)
        number = max([int(path.stem) for path in (folder(workspace) / "versions").glob("*.json")], default=0) + 1
        _forget(workspace, number)
        stamp = datetime.now(UTC).isoformat(timespec="seconds")
        draft = Draft(workspace, replace(base, number=number, created_at=stamp, demo=demo, parent=base.number or None, erased=0))
        try:
            yield draft
        finally:
            if not _version_path(workspace, number).exists():  # a full disk gets its room back now, not at the next import
                _forget(workspace, number)
                _sweep_tables(workspace)


def _forget(workspace: str, number: int) -> None:
    """Clear what an import that died under this number left behind."""
    _rejects_path(workspace, number).unlink(missing_ok=True)
    for name in (f"{number:06d}", f"{number:06d}.tmp"):
        shutil.rmtree(folder(workspace) / "marts" / name, ignore_errors=True)


def _mark(workspace: str) -> Path:
    return folder(workspace) / "unpublished"


def _sweep_tables(workspace: str) -> None:
    """Remove the rows of drafts that were not published, if there was one."""
    if not _mark(workspace).exists():
        return
    kept = versions(workspace)
    if len(kept) < len(list((folder(workspace) / "versions").glob("*.json"))):
        return  # what a damaged version reads is not known: its file may come back from a backup
    for place in (folder(workspace) / "tables").iterdir():
        deltas.sweep(place, {version.tables[place.name] for version in kept if place.name in version.tables})
    _mark(workspace).unlink()


def record(workspace: str, version: Version) -> None:
    """Write a version's file, whole or not at all."""
    write_json(_version_path(workspace, version.number), {**asdict(version), "settings": version.settings.to_json()})


@contextmanager
def locked(workspace: str) -> Iterator[None]:
    """Nobody else changes the workspace meanwhile. Raises UserError import_running when somebody does."""
    path = folder(workspace) / ".lock"
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            raise UserError("import_running", pid=handle.read().strip() or "?") from error
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


def _put_in_force(workspace: str, number: int) -> None:
    write_json(folder(workspace) / "current.json", {"version": number})


def write_json(path: Path, value: object) -> None:
    """Write JSON whole or not at all: a new file, synced, then renamed over the old one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".tmp")
    with fresh.open("w", encoding="utf-8") as handle:
        json.dump(value, handle, ensure_ascii=False)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)


def _key_path(workspace: str) -> Path:
    return folder(workspace).parent / ".keys" / workspace


def _notes_path(workspace: str, kind: str) -> Path:
    return folder(workspace) / "notes" / f"{kind}.json"


def _version_path(workspace: str, number: int) -> Path:
    return folder(workspace) / "versions" / f"{number:06d}.json"


def _rejects_path(workspace: str, number: int) -> Path:
    return folder(workspace) / "rejects" / f"{number:06d}.csv"
