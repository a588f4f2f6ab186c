"""A deleted person is nowhere on the disk, everybody else is where they were, and an interrupted deletion loses nobody."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from analytics import jobs, store
from analytics.access import Access
from analytics.erasure import JOURNAL, delete_customer, delete_workspace
from analytics.errors import UserError
from analytics.marts.build import open_current, open_version
from tests.conftest import run_cli
from tests.intake import makers

ID = "K-anna-4711"
ORDERS = "customer_id,order_id,date,amount,region\n"
FILES = {
    "january.csv": ORDERS
    + f"{ID},1,2025-01-10,10.00,North\nbob,2,2025-01-11,4.00,North\n{ID},3,2025-01-12,much,North\ncarl,4,soon,1.00,East\n",
    "february.csv": ORDERS + f"{ID},5,2025-02-10,20.00,South\ncarl,6,2025-02-11,8.00,South\n{ID},7,2025-02-12,1.00\n",
    "people.csv": f"customer_id,city,referred_by,birth_year\n{ID},Zanzibar,carl,1961\nbob,Oslo,{ID},1970\ncarl,Oslo,,1980\n",
    "points.csv": f"customer_id,date,type,points\n{ID},2025-01-10,earn,70\nbob,2025-01-11,earn,4\n{ID},2025-02-12,redeem,-30\n",
    "answers.csv": "customer_id,survey date,survey type,nps score,comment\n"
    + f"{ID},2025-02-20,nps,3,The marmalade was mouldy\nbob,2025-02-21,nps,9,Fine\n",
}
HERS = (ID, "Zanzibar", "marmalade")

Rows = dict[tuple[int, str], Counter[tuple[str, ...]]]


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


def load(folder: Path, name: str, text: str, workspace: str = "w") -> dict:
    """Import one file in this process."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return jobs._load({"workspace": workspace, "paths": [str(path)], "answers": {}})["report"]


def as_an_earlier_release_wrote(table: Path) -> None:
    """Let the log keep each file's smallest and largest texts, as Delta Lake does unless it is told not to."""
    for entry in (table / "_delta_log").glob("*.json"):
        actions = [json.loads(line) for line in entry.read_text(encoding="utf-8").splitlines()]
        for added in (action["add"] for action in actions if "add" in action):
            held = pq.read_table(table / added["path"]).to_pylist()
            texts = {name: [row[name] for row in held if isinstance(row[name], str)] for name in held[0]}
            filled = {name: values for name, values in texts.items() if values}
            ends = {side: {name: end(values) for name, values in filled.items()} for side, end in (("minValues", min), ("maxValues", max))}
            added["stats"] = json.dumps({"numRecords": len(held), **ends})
        entry.write_text("".join(json.dumps(action) + "\n" for action in actions), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in eight versions, one of them built on an earlier one; a checkpoint; marts of two versions."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(folder / "home"))
        for name in ("january.csv", "people.csv", "february.csv"):
            load(folder, name, FILES[name])
        store.go_back("w", 2)
        for name in ("points.csv", "answers.csv", "february.csv"):
            load(folder, name, FILES[name])
        jobs.change_settings("w", {"as_of": "2025-02-28"})
        for table in (folder / "home" / "w" / "tables").iterdir():
            as_an_earlier_release_wrote(table)
        DeltaTable(folder / "home" / "w" / "tables" / "transactions").create_checkpoint()
        load(folder, "march.csv", ORDERS + "bob,9,2025-03-01,2.00,North\n")
        open_version(Access(workspace="w"), store.load("w", 2))
    return folder / "home"


@pytest.fixture
def world(made: Path, home: Path) -> Path:
    """A copy of that home for one test."""
    shutil.rmtree(home)
    shutil.copytree(made, home)
    return home


def traces(folder: Path, needle: str) -> list[str]:
    """Files whose bytes, name, or decoded Parquet values hold the text."""
    held = [path for path in folder.rglob("*") if path.is_file()]
    plain = [path for path in held if needle.encode() in path.read_bytes() or needle in path.name]
    tables = [path for path in held if path.suffix == ".parquet" and needle in str(pq.ParquetFile(path).read().to_pylist())]
    return sorted({str(path.relative_to(folder)) for path in (*plain, *tables)})


def rows(workspace: str = "w") -> Rows:
    """Every row of every table of every version, as its files hold them; an empty column is as good as an absent one."""
    found: Rows = {}
    for version in store.versions(workspace):
        for table in version.tables:
            read = [pq.ParquetFile(path).read().to_pylist() for path in store.parquet_files(workspace, version, table)]
            found[version.number, table] = Counter(
                tuple(sorted(f"{name}={value}" for name, value in row.items() if value is not None)) for part in read for row in part
            )
    return found


def without_her(before: Rows, name: str = ID) -> Rows:
    """The rows that should be left: not hers, and not naming her as the one who brought them."""
    left: Rows = {}
    for key, counted in before.items():
        left[key] = Counter()
        for row, n in counted.items():
            if f"customer_id={name}" not in row:
                left[key][tuple(cell for cell in row if cell != f"referred_by={name}")] += n
    return left


def test_the_disk_holds_her_before_so_that_finding_nothing_means_something(world) -> None:
    for needle in HERS:
        assert len(traces(world, needle)) >= 2, needle
    assert any("checkpoint" in name for name in traces(world, ID))
    assert any("_delta_log" in name and name.endswith(".json") for name in traces(world, ID))
    assert any(name.startswith("w/rejects") for name in traces(world, ID))
    assert any(name.startswith("w/marts/000002") for name in traces(world, ID))


def test_no_byte_of_a_deleted_person_is_left_in_any_version_and_everybody_else_is_there(world, temporary) -> None:
    expected = without_her(rows())
    erased = delete_customer("w", ID)
    for needle in HERS:
        assert traces(world, needle) == [] and traces(temporary, needle) == []
    assert rows() == expected
    assert erased.versions == (1, 2, 3, 4, 5, 6, 7, 8)
    assert erased.rejects == 3  # "much" in January, and the line of February that is too short, which two versions list
    assert {table: n for table, n in erased.rows.items() if table in ("points", "feedback")} == {"points": 2, "feedback": 1}


def test_every_version_reads_through_delta_lake_too(world) -> None:
    expected = {key: sum(counted.values()) for key, counted in without_her(rows()).items()}
    delete_customer("w", ID)
    for version in store.versions("w"):
        for table, number in version.tables.items():
            delta = DeltaTable(world / "w" / "tables" / table, version=number)
            assert delta.to_pyarrow_table().num_rows == expected[version.number, table]
            assert sum(delta.get_add_actions(flatten=True).column("num_records").to_pylist()) == expected[version.number, table]


def test_the_versions_say_what_they_hold_now_and_that_somebody_was_erased(world) -> None:
    delete_customer("w", ID)
    now = store.current("w")
    assert [version.erased for version in store.versions("w")] == [1] * 8
    assert {name: now.summary["transactions"][name] for name in ("rows", "orders", "customers", "amount")} == {
        "rows": 3, "orders": 3, "customers": 2, "amount": 14.0,  # bob 4.00 and 2.00, carl 8.00
    }  # fmt: skip
    assert now.summary["points"]["earned"] == 4.0 and now.summary["points"]["redeemed"] == 0.0
    assert store.load("w", 1).summary["transactions"]["amount"] == 4.0
    assert "city" in now.columns["customers"] and "referred_by" not in now.columns["customers"]


def test_who_was_brought_by_her_is_kept_and_forgets_by_whom(world) -> None:
    delete_customer("w", ID)
    people = open_current(Access(workspace="w")).frame("select customer_id, city, referred_by from customers order by 1")
    assert people["customer_id"].tolist() == ["bob", "carl"]
    assert people["city"].tolist() == ["Oslo", "Oslo"]
    assert people["referred_by"].isna().all()


def test_rejected_rows_of_others_are_kept(world) -> None:
    delete_customer("w", ID)
    lines = (world / "w" / "rejects" / "000001.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["file,line,reason,fields", "january.csv,5,unreadable:date,carl,4,soon,1.00,East"]


def test_the_answers_are_those_of_a_workspace_that_never_had_her(home, tmp_path) -> None:
    from analytics.studies import CATALOGUE, answer

    def overview(workspace: str) -> dict:
        return dict(answer(CATALOGUE["overview"], open_current(Access(workspace=workspace)), CATALOGUE["overview"].params()).estimates)

    for name, text in FILES.items():
        load(tmp_path, name, text, "with")
        load(tmp_path, name, "".join(line for line in text.splitlines(keepends=True) if not line.startswith(ID)).replace(ID, ""), "never")
    never = overview("never")
    assert overview("with") != never and len(never) > 3
    delete_customer("with", ID)
    assert overview("with") == never


def test_marts_of_a_version_that_never_knew_her_share_no_file_that_does(home, tmp_path) -> None:
    head = "销售订单编号,客户名称,下单日期,销售订单金额(元),状态\n"
    others = "".join(f"SO{n},Firm {n},2025-03-01,{n}.00,已发货\n" for n in range(1, 60))
    load(tmp_path, "orders.csv", f"{head}{others}SO99,{ID},2025-03-02,5.00,已发货\n")
    load(tmp_path, "void.csv", f"{head}SO99,{ID},2025-03-02,5.00,已作废\n")
    shared = home / "w" / "marts" / "000002" / "customer_months.parquet"
    assert shared.samefile(home / "w" / "marts" / "000001" / "customer_months.parquet")
    assert not any(f"customer_id={ID}" in row for row in rows()[2, "transactions"])
    delete_customer("w", ID)
    assert traces(home, ID) == []
    assert not shared.exists()


@pytest.fixture
def by_mail(home: Path, tmp_path: Path) -> Path:
    """Shopify orders, whose key is the buyer's e-mail address; a later export of the same orders replaced the first."""
    first = makers.shopify_orders(tmp_path)
    later = first.read_text(encoding="utf-8").replace("ana.ferreira@example.com,paid", "ana.ferreira@example.com,paid ", 1)
    load(tmp_path, "orders_export_1.csv", first.read_text(encoding="utf-8"))
    load(tmp_path, "orders_export_2.csv", later)
    load(
        tmp_path, "broken.csv", "email,order id,date,amount\nana.ferreira@example.com,9,2025-01-01,much\nchidi@example.org,8,2025-01-01,1\n"
    )
    return home


def test_who_is_stored_under_a_pseudonym_is_found_by_what_it_was_made_from(by_mail) -> None:
    assert traces(by_mail, "ana.ferreira") == []
    customers = open_current(Access(workspace="w")).frame("select customer_id, sum(amount) as amount from transactions group by 1")
    (name,) = customers.loc[customers.amount == 130.0, "customer_id"]  # 100.00 + 30.00
    expected = without_her(rows(), name)
    erased = delete_customer("w", " Ana.Ferreira@example.com")
    assert traces(by_mail, name) == [] and rows() == expected
    assert erased.versions == (1, 2, 3)
    assert open_current(Access(workspace="w")).value("select sum(amount) from transactions") == 39.0  # 38.00 + 0.00 and 1


def test_rejected_rows_whose_key_is_masked_go_too_since_they_may_be_hers(by_mail) -> None:
    path = by_mail / "w" / "rejects" / "000003.csv"
    assert "•••" in path.read_text(encoding="utf-8-sig")
    assert delete_customer("w", "ana.ferreira@example.com").rejects == 1
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["file,line,reason,fields"]


def test_exports_fitted_models_and_what_broken_runs_left_are_cleared(world, temporary) -> None:
    root = world / "w"
    planted = [
        root / "exports" / "report.html",
        root / "cache" / "value" / "model.bin",
        root / "work" / "import-99999999-dead" / "january.csv",
        root / "marts" / "000009.tmp" / "customer_features.parquet",
        root / "marts" / "000042" / "customer_features.parquet",
        root / "tables" / "points" / "part-00000-orphan.snappy.parquet",
        root / "tables" / "points" / "_delta_log" / "_commit_4711.json.tmp",
    ]
    for path in planted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ID)
    with store.work_folder("w", "uploads") as waiting:
        (waiting / "upload.csv").write_text(ID)
        delete_customer("w", ID)
        assert [path for path in (*planted, waiting / "upload.csv") if path.exists()] == []
    assert not traces(world, ID)


# --- interrupted


class Killed(BaseException):
    """Stands for kill -9: nothing catches it."""


def interrupted(monkeypatch: pytest.MonkeyPatch, at: int, run: Callable[[], object]) -> bool:
    """Run until the at-th change of the disk, which is not made any more. Returns whether it came to that."""
    done = 0

    def counting(change: Callable) -> Callable:
        def wrapped(path: Path, *args: object, **kwargs: object) -> object:
            nonlocal done
            done += path.parent.name != "work"  # what is in there is swept whenever its maker died
            if done == at and path.parent.name != "work":
                raise Killed
            return change(path, *args, **kwargs)

        return wrapped

    with monkeypatch.context() as patch:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (Path, "rename"), (shutil, "rmtree")):
            patch.setattr(owner, name, counting(getattr(owner, name)))
        try:
            run()
        except Killed:
            return True
    return False


def moments(monkeypatch: pytest.MonkeyPatch, made: Path, home: Path, run: Callable[[], object], step: int) -> Iterator[int]:
    """The home after an interruption at every `step`-th moment, one after the other."""
    at = 1 - step
    going_on = True
    while going_on:
        at += step
        shutil.rmtree(home)
        shutil.copytree(made, home)
        going_on = interrupted(monkeypatch, at, run)
        yield at


@pytest.fixture
def small(home: Path, tmp_path: Path) -> Path:
    """Three versions with one order replaced by nothing: enough for every kind of step. A copy to start from again and again."""
    for name in ("january.csv", "people.csv", "february.csv"):
        load(tmp_path, name, FILES[name])
    store.go_back("w", 2)
    load(tmp_path, "march.csv", ORDERS + f"{ID},9,2025-03-01,2.00,North\n")
    DeltaTable(home / "w" / "tables" / "customers").create_checkpoint()
    return Path(shutil.copytree(home, tmp_path / "small"))


@pytest.mark.parametrize("step", [3, pytest.param(1, marks=pytest.mark.bars)])
def test_killed_at_any_moment_every_version_has_all_of_everybody_else_and_the_next_run_finishes(small, home, monkeypatch, step) -> None:
    before = rows()
    expected = without_her(before)
    tried = 0
    for at in moments(monkeypatch, small, home, lambda: delete_customer("w", ID), step):
        after = rows()
        for key, counted in after.items():
            missing, strange = (
                without_her({key: before[key]})[key] - without_her({key: counted})[key],
                counted - before[key] - expected[key],
            )
            assert not missing and not strange, (at, key, missing, strange)
        if (home / "w" / JOURNAL).exists():
            assert json.loads((home / "w" / JOURNAL).read_text()) == {"1": 1, "2": 1, "3": 1, "4": 1}, at
        try:
            delete_customer("w", ID)
        except UserError as error:
            assert error.key == "no_such_customer" and not (home / "w" / JOURNAL).exists()  # it had come to its end before
        assert rows() == expected and traces(home, ID) == [], at
        assert [version.erased for version in store.versions("w")] == [1, 1, 1, 1]
        assert store.current("w").summary["transactions"]["amount"] == 4.0
        tried += 1
    assert tried * step > 30


def test_a_workspace_half_deleted_is_gone_and_the_next_run_finishes(small, home, monkeypatch) -> None:
    for _ in moments(monkeypatch, small, home, lambda: delete_workspace("w"), 1):
        assert store.workspaces() in (["w"], [])
        if (home / "w").exists() or (home / ".deleted-w").exists():
            delete_workspace("w")
        assert list(home.rglob("*.parquet")) == [] and traces(home, ID) == []


# --- refused, and by the terminal


def test_an_unknown_id_is_refused_and_nothing_changes(world) -> None:
    before = rows()
    for name in ("K-anna-47", "k-anna-4711", "", "   ", "%", "' or ''='"):
        with pytest.raises(UserError) as refused:
            delete_customer("w", name)
        assert refused.value.key == "no_such_customer"
    assert rows() == before and store.current("w").erased == 0


def test_nothing_is_deleted_while_an_import_runs_or_reads(world) -> None:
    for run in (lambda: delete_customer("w", ID), lambda: delete_workspace("w")):
        with store.drafting("w"), pytest.raises(UserError) as refused:
            run()
        assert refused.value.key == "import_running"
        with store.work_folder("w", "import"), pytest.raises(UserError) as refused:
            run()
        assert refused.value.key == "import_running"
    assert traces(world, ID)


def test_a_deleted_workspace_is_gone_with_its_key_and_the_others_stay(world, tmp_path) -> None:
    load(tmp_path, "other.csv", ORDERS + "zoe,1,2025-01-01,3.00,North\n", "other")
    store.pseudonym_key("w")
    removed = delete_workspace("w")
    assert (removed.versions, removed.files > 40) == (8, True)
    assert store.workspaces() == ["other"] and sorted(path.name for path in (world / ".keys").iterdir()) == ["other"]
    assert traces(world, ID) == []
    with pytest.raises(UserError) as refused:
        delete_workspace("w")
    assert refused.value.key == "no_such_workspace"


def test_the_terminal_deletes_without_asking_and_tells_what_went(world) -> None:
    answer = run_cli(world, "delete-customer", ID, "--workspace", "w").done().json
    assert answer["workspace"] == "w" and answer["rows"]["points"] == 2 and answer["versions"] == [1, 2, 3, 4, 5, 6, 7, 8]
    again = run_cli(world, "delete-customer", ID, "--workspace", "w")
    assert (again.code, again.out) == (2, "") and "Copy the ID" in again.err and ID not in again.err
    assert "(customers deleted: 1)" in run_cli(world, "versions", "--workspace", "w", as_json=False).done().out
    assert run_cli(world, "delete-workspace", "--workspace", "w").done().json["versions"] == 8
    assert not (world / "w").exists()
