"""The terminal: one object on stdout, one clear line on stderr, exit codes that scripts can rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Cli, Run, run_cli

Write = Callable[..., Path]

SALES = "customer id,order date,amount\nA,2025-01-14,10.00\nB,2025-02-15,20.00\nA,2025-03-16,30.00\n"


@pytest.fixture
def cli(process: Cli) -> Cli:
    """Here the terminal is what is tested: every command is a process."""
    return process



@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with the sample shop in the workspace `shop`; these tests only read it."""
    home = tmp_path_factory.mktemp("home")
    run_cli(home, "example", "shop", "--workspace", "shop").done()
    yield home


def one_line(run: Run) -> str:
    """The only line of stderr of a command whose user must change something."""
    assert run.code == 2, (run.code, run.err)
    (line,) = run.err.strip().splitlines()
    return line


def test_an_import_names_the_file_of_the_rejected_rows(cli: Cli, write: Write, home: Path) -> None:
    path = write("sales.csv", SALES + "B,2025-02-30,5.00\n")
    (line,) = [line for line in cli("import", path, "--workspace", "mine", as_json=False).done().out.splitlines() if "rejects" in line]
    rejects = Path(line.split(": ", 1)[1])
    assert rejects.is_relative_to(home)
    assert rejects.read_text("utf-8-sig").splitlines()[1] == "sales.csv,5,unreadable:order date,B,2025-02-30,5.00"


def test_an_import_says_what_it_read_and_what_the_workspace_holds(cli: Cli, write: Write) -> None:
    run = cli("import", write("sales.csv", SALES), "--workspace", "mine").done()
    assert set(run.json) >= {"workspace", "version", "files", "tables"}
    assert (run.json["workspace"], run.json["version"]) == ("mine", 1)
    assert set(run.file) >= {
        "path",
        "table",
        "source",
        "encoding",
        "delimiter",
        "rows_read",
        "rows_loaded",
        "rows_rejected",
        "rows_excluded",
        "mapping",
        "questions",
        "notes",
    }
    assert run.file["mapping"] == {
        "customer id": "transactions.customer_id",
        "order date": "transactions.occurred_at",
        "amount": "transactions.amount",
    }
    sales = run.json["tables"]["transactions"]
    assert (sales["rows"], sales["orders"], sales["customers"], sales["amount"]) == (3, 3, 2, 60.00)
    assert (sales["first"][:10], sales["last"][:10]) == ("2025-01-14", "2025-03-16")


def test_without_a_workspace_the_default_one_is_used(cli: Cli, write: Write) -> None:
    assert cli("import", write("sales.csv", SALES)).done().json["workspace"] == "default"


def test_an_own_import_into_default_does_not_mix_with_the_sample(cli: Cli, write: Write) -> None:
    cli("example", "shop").done()
    tables = cli("import", write("sales.csv", SALES)).done().json["tables"]
    assert tables["transactions"]["customers"] == 2
    assert tables.get("points", {}).get("rows", 0) == 0


def test_versions_lists_the_newest_first(cli: Cli, write: Write) -> None:
    cli("import", write("a.csv", SALES), "--workspace", "mine").done()
    cli("import", write("b.csv", SALES.replace("2025", "2026")), "--workspace", "mine").done()
    assert [version["version"] for version in cli("versions", "--workspace", "mine").done().json["versions"]] == [2, 1]


def test_studies_says_what_is_ready_and_what_would_unlock_the_rest(shop: Path, cli: Cli, write: Write) -> None:
    ready = {study["id"]: study for study in run_cli(shop, "studies", "--workspace", "shop").done().json["studies"]}
    assert (ready["overview"]["status"], ready["segments"]["status"]) == ("ready", "ready")
    cli("import", write("ids.csv", "customer id,region\nA,North\nB,South\n"), "--as", "customers", "--workspace", "bare").done()
    locked = {study["id"]: study for study in cli("studies", "--workspace", "bare").done().json["studies"]}
    assert locked["segments"]["status"] == "locked"
    assert [need["table"] for need in locked["segments"]["needs"]] == ["transactions"]


@pytest.mark.parametrize("study", ["overview", "segments"])
def test_a_study_answers_with_estimates_that_carry_their_uncertainty(study: str, shop: Path) -> None:
    answer = run_cli(shop, "run", study, "--workspace", "shop").done().json
    assert set(answer) >= {"study", "version", "params", "verdict", "estimates", "tables", "warnings"}
    assert set(answer["verdict"]) == {"key", "text"}
    assert answer["verdict"]["text"]
    assert answer["estimates"]
    for name, estimate in answer["estimates"].items():
        assert set(estimate) == {"value", "low", "high", "n", "unit", "level"}, name
        assert estimate["low"] <= estimate["value"] <= estimate["high"], name
        assert estimate["n"] > 0, name


def test_the_overview_agrees_with_the_import(shop: Path, cli: Cli) -> None:
    tables = cli("example", "shop").done().json["tables"]
    answer = run_cli(shop, "run", "overview", "--workspace", "shop").done().json
    values = {round(estimate["value"], 2) for estimate in answer["estimates"].values()}
    assert round(tables["transactions"]["amount"], 2) in values


def test_a_study_without_its_data_is_refused_and_that_is_an_answer(cli: Cli, write: Write) -> None:
    cli("import", write("ids.csv", "customer id,region\nA,North\nB,South\n"), "--as", "customers", "--workspace", "bare").done()
    run = cli("run", "segments", "--workspace", "bare")
    assert run.code == 0
    assert run.json["refused"]
    assert run.json["estimates"] == {}


@pytest.mark.parametrize(
    "words",
    [
        ("run", "nosuchstudy"),
        ("run", "segments", "--set", "nosuchparameter=1"),
        ("import", "nosuchfile.csv"),
        ("example", "nosuchexample"),
        ("import", "x.csv", "--as", "nosuchtable"),
        ("studies", "--workspace", "../outside"),
    ],
)
def test_what_does_not_exist_is_said_in_one_line(words: tuple[str, ...], cli: Cli) -> None:
    line = one_line(cli(*words))
    assert "Traceback" not in line


@pytest.mark.parametrize("command", ["studies", "versions"])
def test_an_unknown_workspace_is_said_and_not_created(command: str, cli: Cli, home: Path) -> None:
    one_line(cli(command, "--workspace", "nosuchplace"))
    assert not (home / "nosuchplace").exists()


def test_a_command_without_words_shows_how_it_is_used(cli: Cli) -> None:
    run = cli(as_json=False)
    assert run.code == 2
    assert "usage" in run.err.lower()
