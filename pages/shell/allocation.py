"""Allocation on screen: a tab for each part of the answer, with its table by segment."""

from __future__ import annotations

from functools import partial

from analytics.results import Result
from analytics.studies import allocation as study
from analytics.studies.allocation_figures import named
from pages.shell.cards import cards
from pages.shell.figures import draw
from pages.shell.tabs import tabs
from pages.shell.tile import tile
from pages.shell.words import words

LISTED = {"present": ("present", "budget"), "changes": ("changes", "list")}  # tab -> its table by segment, and how it is headed


def shown(result: Result) -> None:
    """The answer in tabs; a refusal alone."""
    if result.refused is not None:
        cards(result)
        return
    parts = study.parts(result)
    tabs({f"pages.allocation.{name}": partial(_part, name, part) for name, part in parts.items()})


def _part(name: str, result: Result) -> None:
    cards(result, verdict=name == "present")
    draw(study.STUDY, result)
    if name in LISTED:
        _table(result, *LISTED[name])


def _table(result: Result, name: str, title: str) -> None:
    say = words()
    tile(f"allocation_list_{name}", say(f"pages.allocation.{title}"), named(result.tables[name], say), f"tierwise-allocation-list-{name}")
