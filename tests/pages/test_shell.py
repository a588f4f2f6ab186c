"""The shell's own promises: text from files stays text, templates map without a correction, mistakes are explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from analytics.contract import BY_NAME
from analytics.i18n import LANGUAGES
from analytics.intake.mapping import guess
from pages.shell.templates import OFFERED, template
from pages.shell.words import literal


def shown(body: str) -> AppTest:
    return AppTest.from_string(body, default_timeout=30).run()


@pytest.mark.parametrize("text", [
    "![x](http://tracker.example/a.png)", "**bold**", "[link](http://a.example)", ":red[alarm]", "$x^2$", "<b>bold</b>", "`code`",
    "# title", "www.example.com", "me@example.com",
])
def test_markup_in_a_file_stays_text(text: str) -> None:
    made = literal(text)
    assert made.replace("\\", "").replace("\u2060", "") == text
    assert made != text


def test_a_line_break_in_a_name_does_not_start_a_paragraph() -> None:
    assert literal("Gold\n\n# Tier") == "Gold \\# Tier"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OFFERED)
def test_a_template_is_understood_without_mapping(name: str, language: str) -> None:
    header = list(template(BY_NAME[name], language).columns)
    found = guess(header, dict.fromkeys(header, ()), table=name)
    assert sorted(match.target for match in found.matches if match.target.startswith(f"{name}.")) == sorted(
        f"{name}.{column.name}" for column in BY_NAME[name].stored if column.aliases)


def test_a_bug_is_shown_without_the_data_that_its_message_quotes(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = shown("from pages.shell import user_errors\nwith user_errors():\n    raise KeyError('anna' + '@example.com')")
    assert len(app.error) == 1
    assert "KeyError" in app.error[0].value
    assert "anna@example.com" not in app.error[0].value + caplog.text


def test_a_mistake_is_explained_by_fact_cause_and_next_step(home: Path) -> None:
    app = shown("from analytics.errors import UserError\nfrom pages.shell import user_errors\n"
                "with user_errors():\n    raise UserError('no_such_file', file='*a*.csv')")
    assert len(app.error) == 1
    assert "\\*a\\*" in app.error[0].value
