"""The exporters with a meaning of their own. A file that none of them claims is mapped by names and values."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.contract import plain
from analytics.intake.sources import fxiaoke, loyalty, pipelines, retail, shops, zoho
from analytics.intake.sources.base import Source

ALL: tuple[Source, ...] = (*zoho.SOURCES, *pipelines.SOURCES, *fxiaoke.SOURCES, *loyalty.SOURCES, *shops.SOURCES, *retail.SOURCES)
BY_ID = {source.id: source for source in ALL}


def recognise(header: Sequence[str], samples: Sequence[Sequence[str]], *, headless: bool) -> Source | None:
    """The source that claims a file, by its header, or by its values (column by column) when it has none."""
    if headless:
        return next((source for source in ALL if source.headless and source.headless(samples)), None)
    names = frozenset(plain(name) for name in header)
    return next((source for source in ALL if source.matches(names)), None)
