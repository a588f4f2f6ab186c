"""Models fitted once per data version and kept on disk: what they found, not the models themselves.

A fit is kept as JSON and Parquet, which any later release, and a person, can read; a pickle would run whatever lies on the disk.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from analytics import store
from analytics.settings import fingerprint

if TYPE_CHECKING:
    import pandas as pd

    from analytics.store import Version
    from analytics.warehouse import Warehouse

Tell = Callable[[str, int, int], None]  # the step at hand, done, of how many
_FACTS = "facts.json"
_UNREADABLE = (OSError, json.JSONDecodeError, pa.ArrowInvalid)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What is kept of fitted models.

    facts   parameters and measures, as plain JSON
    tables  name -> frame, such as scores per customer
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Something that takes long and follows from a version's rows and a few parameters.

    id     stable id
    steps  what is done one after the other, worded as `fits.<id>.<step>`
    make   (warehouse, parameters, tell) -> Fitted; calls tell between pieces of work
    """

    id: str
    steps: tuple[str, ...]
    make: Callable[[Warehouse, Mapping[str, Any], Tell], Fitted]


def silent(step: str, done: int, total: int) -> None:
    """Tell nobody."""


def fitted(warehouse: Warehouse, fit: Fit, tell: Tell = silent, **params: str | int | float | bool | None) -> Fitted:
    """The fit for the warehouse's version: from the disk, or made now and kept. Two who ask at once wait for one making."""
    workspace, place = warehouse.access.workspace, _place(warehouse, fit, params)
    if (found := _found(place)) is not None:
        return found
    with store.alone(workspace, f"fitting-{fit.id}"):
        if (found := _found(place)) is not None:
            return found
        made = fit.make(warehouse, params, tell)
        _keep(workspace, warehouse.version, place, made)
    return made


def kept(warehouse: Warehouse, fit: Fit, **params: str | int | float | bool | None) -> bool:
    """Whether the fit is on the disk."""
    return _place(warehouse, fit, params).exists()


def _place(warehouse: Warehouse, fit: Fit, params: Mapping[str, Any]) -> Path:
    asked = sha256(f"{json.dumps(params, sort_keys=True)}{fingerprint()}".encode()).hexdigest()[:16]
    return _cache(warehouse.access.workspace) / _state(warehouse.version) / f"{fit.id}-{asked}"


def _cache(workspace: str) -> Path:
    return store.folder(workspace) / "cache"


def _state(version: Version) -> str:
    """A version from which a person was erased is another one."""
    return f"{version.number:06d}-{sha256(version.state.encode()).hexdigest()[:12]}"


def _keep(workspace: str, version: Version, place: Path, made: Fitted) -> None:
    """Keep a fit whole or not at all, and not if somebody was erased from the version while it was made. Those of older versions go."""
    with store.work_folder(workspace, "fit") as work:
        fresh = work / place.name
        _write(fresh, made)
        for other in _cache(workspace).glob("*"):
            if other.name not in (_state(version), _state(store.current(workspace))):
                shutil.rmtree(other, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        if _state(store.load(workspace, version.number)) == _state(version):
            fresh.rename(place)


def _found(place: Path) -> Fitted | None:
    """What is kept there; None when nothing is, or nothing that can be read: it is made again then."""
    if not place.exists():
        return None
    try:
        return _read(str(place))
    except _UNREADABLE:
        shutil.rmtree(place)
        return None


@lru_cache(maxsize=8)
def _read(place: str) -> Fitted:
    import pandas as pd

    facts = json.loads((Path(place) / _FACTS).read_text(encoding="utf-8"))
    return Fitted(facts=facts, tables={path.stem: pd.read_parquet(path) for path in sorted(Path(place).glob("*.parquet"))})


def _write(folder: Path, made: Fitted) -> None:
    folder.mkdir()
    for name, table in made.tables.items():
        table.to_parquet(folder / f"{name}.parquet", index=False)
    (folder / _FACTS).write_text(json.dumps(made.facts, ensure_ascii=False), encoding="utf-8")
