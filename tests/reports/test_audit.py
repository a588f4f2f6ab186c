"""The audit report: whole, in both languages, with the numbers of the terminal, and with nothing in it that could run or load."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest

from analytics import jobs, studies
from analytics.access import Access
from analytics.i18n import LANGUAGES, Words
from analytics.marts.build import open_current
from analytics.reports.audit import About, Audit, answering, audit, families, standing
from analytics.reports.audit_html import html
from analytics.reports.cells import cell
from analytics.reports.markup import rows, tag
from analytics.warehouse import Warehouse
from tests.conftest import run_cli
from tests.studies.test_catalogue import HOSTILE
from tests.studies.test_segments import forty

TIERS = [study for study in studies.CATALOGUE.values() if study.group == "tiers"]


class Read(HTMLParser):
    """What a browser would make of it: texts, elements, and whatever asks for something."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.asks: list[tuple[str, str | None]] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.asks += [(name, value) for name, value in attrs if name in ("src", "href", "srcset", "action") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def shop(made_once: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """Forty customers, half of them of a region with an evil name; no tiers."""

    def fill() -> None:
        path = tmp_path_factory.mktemp("audit") / "orders.csv"
        path.write_text(forty().replace("north", '"' + HOSTILE.replace('"', '""') + '"') + "\n", encoding="utf-8")
        people = path.with_name("people.csv")
        evil = '"' + HOSTILE.replace('"', '""') + '"'
        people.write_text("customer id,region\n" + "\n".join(f"{i:02d},{evil if i % 2 else 'south'}" for i in range(1, 41)) + "\n")
        jobs._load({"workspace": "shop", "paths": [str(path), str(people)], "answers": {}})

    monkeypatch.setenv("LOYALTY_HOME", str(made_once("audit_home", fill)))
    return open_current(Access(workspace="shop"))


@pytest.fixture
def found(shop: Warehouse) -> Audit:
    return audit(shop, answering(shop, lambda fit, step: None))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_study_of_the_group_stands_there_with_its_answer_or_the_reason_for_none(found: Audit, language: str) -> None:
    say = Words(language, "EUR")
    said = " ".join(Read(html(found, say)).texts)
    assert [section.study.id for section in found.sections] == [study.id for study in TIERS]
    assert {"locked", "answered"} <= {section.state for section in found.sections}
    for section in found.sections:
        assert say(f"studies.{section.study.id}.title") in said and say(f"studies.{section.study.id}.caveat") in said
        if section.needs:
            assert section.needs[0].table in said
        if section.result is not None:
            assert say.note(section.result.refused or section.result.verdict) in said
            assert all(say.note(note) in said for note in section.result.warnings)
    assert say("report.absent", name="feedback") in said and say("report.absent", name="customers.gender") in said
    assert say("report.pointers.pipl24") in said and say("report.pointers.gdpr22") in said


def test_numbers_are_those_of_the_terminal(found: Audit) -> None:
    say = Words("en", "EUR")
    said = Read(html(found, say)).texts
    for section in found.sections:
        for name, one in (section.result.estimates if section.result else {}).items():
            told = [say(f"studies.{section.study.id}.estimates.{name}.label"), say.quantity(one.value, one.unit), say.interval(one)]
            assert any(said[at : at + 4] == [*told, say.number(one.n)] for at in range(len(said)))


def test_uploaded_text_stays_text_and_nothing_is_run_or_loaded(found: Audit) -> None:
    page = html(found, Words("en", "EUR"))
    read = Read(page)
    assert read.asks == [] and not read.tags & {"script", "img", "iframe", "link", "a", "b", "form", "svg"}
    assert any(HOSTILE in text for text in read.texts)
    assert b"default-src 'none'" in page and b"@import" not in page and page.count(b"url(") == page.count(b"url(data:")


def test_single_customers_are_not_named(found: Audit) -> None:
    texts = Read(html(found, Words("en", "EUR"))).texts
    tables = [table for section in found.sections if section.result for table in section.result.tables.values()]
    assert any("customer_id" in table for table in tables)
    assert "Customer" not in texts and "C07" not in texts


def test_models_that_are_not_made_are_not_made_for_the_page(shop: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analytics.reports.audit.kept", lambda *args, **params: False)
    states = {section.study.id: section.state for section in audit(shop, standing(shop)).sections}
    fitting = {study.id for study in TIERS if study.fits(study.params())}
    assert states["key_customers"] == "unfitted"
    assert {name for name, state in states.items() if state == "unfitted"} <= fitting
    page = html(audit(shop, standing(shop)), Words("en"))
    assert Words("en")("report.unfitted") in " ".join(Read(page).texts)


def test_a_table_that_repeats_comparisons_of_another_is_no_family_of_its_own() -> None:
    every = pd.DataFrame({"q": [0.01, 0.2, None], "flagged": [True, False, False]})
    other = pd.DataFrame({"q": [0.5], "flagged": [False]})
    assert set(families({"gaps": every, "part": every.head(1), "other": other, "plain": pd.DataFrame({"n": [1]})})) == {"gaps", "other"}


def test_every_study_of_the_group_heads_its_tables(found: Audit) -> None:
    for section in found.sections:
        assert len(section.named(pd.DataFrame(), Words("en")).columns) == 0


def test_cells_are_written_as_a_reader_wants_them() -> None:
    say = Words("en")
    assert [cell(value, say) for value in (True, None, float("nan"), 12_345, 0.04567, 1e-9, "x<y")] == [
        "yes", "–", "–", "12,345", "0.046", "< 0.001", "x<y",
    ]  # fmt: skip
    assert cell(0.123, say, share=True) == "12.3%"


def test_markup_is_made_of_tags_only() -> None:
    assert tag("p", "<b>", tag("i", "&")) == "<p>&lt;b&gt;<i>&amp;</i></p>"
    assert 'class="number">1,234<' in rows(["n"], [["1,234"]]) and "number" not in rows(["n"], [["3 of 4 are in"]])


def test_the_terminal_writes_the_file_and_refuses_what_it_cannot_make(
    shop: Warehouse, made_once: Callable[..., Path], tmp_path: Path
) -> None:
    home, out = made_once("audit_home", lambda: None), tmp_path / "audit.html"
    done = run_cli(home, "report", "--format", "html", "--language", "zh-CN", "--workspace", "shop", "--out", out).done()
    assert [one["id"] for one in done.json["studies"]] == [study.id for study in TIERS]
    assert out.read_text(encoding="utf-8").startswith('<!doctype html>\n<html lang="zh-CN">')
    for words in (("--format", "pdf"), ("--group", "nobody"), ("--out", tmp_path / "no" / "where.html")):
        refused = run_cli(home, "report", "--out", out, "--workspace", "shop", *words)
        assert refused.code == 2 and refused.err.strip() and not refused.out


def test_a_report_says_of_which_data_it_is(found: Audit) -> None:
    about = found.about
    assert isinstance(about, About) and about.workspace == "shop"
    assert about.loaded == sum(range(1, 41)) + 40 and about.rejected == 0
