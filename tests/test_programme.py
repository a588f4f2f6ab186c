"""The demo programme imports as it is, in both languages, and every row is accounted for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.contract import TABLES
from data.programme import make
from data.programme.truth import Switches
from tests.conftest import Cli, assert_accounted

CUSTOMERS = 1_500


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_all_tables_import_without_a_question_and_add_up(language: str, tmp_path: Path, cli: Cli) -> None:
    made = make(tmp_path / "demo", language, switches=Switches(), customers=CUSTOMERS)
    answer = cli("import", *sorted((tmp_path / "demo").glob("*.csv"))).done().json
    reports = {Path(report["path"]).stem: report for report in answer["files"]}
    assert {name: report["table"] for name, report in reports.items()} == {table.name: table.name for table in TABLES}
    for name, report in reports.items():
        assert_accounted(report)
        assert report["questions"] == [], name
        assert report["rows_read"] == made.realised["rows"][name], name
        assert all(target is None or target.startswith(f"{name}.") for target in report["mapping"].values()), name
    errors = made.realised["data_errors"]
    assert sum(report["rows_rejected"] for report in reports.values()) == errors["unreadable"] == 15
    assert reports["transactions"]["rows_excluded"] == {"no_customer": errors["no_customer"]}
    unused = {name for name, report in reports.items() if None in report["mapping"].values()}
    assert unused <= {"outcomes"}
    assert answer["tables"]["customers"]["tiers"] == answer["tables"]["tiers"]["tiers"] == 5
    if language == "en":
        assert_errors_are_found(cli, errors)


def assert_errors_are_found(cli: Cli, errors: dict[str, int]) -> None:
    """The quality page counts the very errors that were planted."""
    checks = cli("run", "quality").done().json["tables"]["checks"]
    hits = {(row["check"], row["table"]): row["hits"] for row in checks}
    assert hits["duplicate_rows", "transactions"] == errors["duplicate_lines"]
    assert hits["unknown_customer", "transactions"] == errors["unknown_customers"]
    assert hits["delivered_before_order", "transactions"] == errors["delivered_before_order"]
    assert hits["birth_year", "customers"] == errors["birth_year"]
    assert hits["cancelled_before_enrolled", "customers"] == errors["cancelled_before_enrolled"]


def test_the_command_line_takes_effects_away_and_adds_the_hidden_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.programme.__main__ import main

    words = ["demo", str(tmp_path), "--customers", "200", "--without", "shock", "--with", "hidden_confounding", "--language", "zh-CN"]
    monkeypatch.setattr("sys.argv", words)
    main()
    known = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert (known["switches"]["shock"], known["switches"]["hidden_confounding"], known["switches"]["slipping"]) == (False, True, True)
    assert known["realised"]["shock"]["orders_lost"] == 0
