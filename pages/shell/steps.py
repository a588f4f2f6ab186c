"""The steps of long work in a line."""

from __future__ import annotations

from collections.abc import Mapping


def steps(names: Mapping[str, str], now: str) -> str:
    """Steps by id with their words: done ones ticked, the present one in bold, the others grey; an unknown one is before the first."""
    at = list(names).index(now) if now in names else 0
    return " → ".join(_step(name, place - at) for place, name in enumerate(names.values()))


def _step(name: str, ahead: int) -> str:
    if ahead < 0:
        return f":material/check_circle: {name}"
    return f":material/pending: **{name}**" if ahead == 0 else f":gray[:material/circle: {name}]"
