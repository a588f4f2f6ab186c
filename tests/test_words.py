"""Both languages say the same things, with the same facts, and nothing that no one says."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from analytics.i18n import LANGUAGES, catalogue

ROOT = Path(__file__).resolve().parents[1]


def facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_hold_the_same_keys() -> None:
    assert set(catalogue("en")) ^ set(catalogue("zh-CN")) == set()


def test_both_languages_fill_in_the_same_facts() -> None:
    different = {key for key, text in catalogue("en").items() if facts(text) != facts(catalogue("zh-CN")[key])}
    assert different == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_is_empty_or_unfinished(language: str) -> None:
    assert {key for key, text in catalogue(language).items() if not text.strip() or "TODO" in text or text != text.strip()} == set()


def test_chinese_is_chinese() -> None:
    """Names and codes may be the same in both languages; a sentence may not."""
    same = {key for key, text in catalogue("en").items() if text == catalogue("zh-CN")[key] and len(text.split()) > 3}
    assert same == set()


@cache
def spoken() -> tuple[set[str], re.Pattern[str]]:
    """Strings of the code, and one pattern of its f-strings with each placeholder as one or more parts of a key."""
    texts: set[str] = set()
    patterns: set[str] = set()
    for path in [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "analytics").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.add(node.value)
                patterns |= {re.escape(node.value) + r"[\w.\-]+"} if re.fullmatch(r"[a-z.]+\.", node.value) else set()
            elif isinstance(node, ast.JoinedStr):
                patterns.add("".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"[\w.\-]+" for part in node.values))
    dotted = sorted(pattern for pattern in patterns if r"\." in pattern and re.match(r"[a-z]", pattern))
    return texts, re.compile("|".join(dotted))


def test_every_string_is_used() -> None:
    texts, patterns = spoken()
    unused = {key for key in catalogue("en") if key not in texts and not patterns.fullmatch(key)}
    assert unused == set()


def test_every_error_that_is_worded_is_raised_somewhere() -> None:
    texts, _patterns = spoken()
    keys = {key.split(".")[1] for key in catalogue("en") if key.startswith("errors.")}
    assert {key for key in keys if key not in texts and not re.match("question_", key)} == set()


def test_every_error_has_fact_cause_and_next_step() -> None:
    keys = {key.rsplit(".", 1)[0] for key in catalogue("en") if key.startswith("errors.")}
    lacking = {f"{key}.{part}" for key in keys for part in ("fact", "cause", "next")} - set(catalogue("en"))
    assert lacking == set()


def test_the_shipped_font_draws_every_character_of_the_wording() -> None:
    """When this fails, cut the fonts anew: see docs/look.py."""
    drawn = set((ROOT / "static" / "fonts" / "characters.txt").read_text(encoding="utf-8"))
    written = {letter for language in LANGUAGES for text in catalogue(language).values() for letter in text}
    assert written - drawn == set()
