"""Profiles of data: what misleads, what changed, and no value of anybody."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cowork.twins.evidence.data_profile import MOST_FILES, collect
from cowork.twins.evidence.data_table import MOST_ROWS
from cowork.twins.evidence.findings import CannotCollect, Fact, Findings
from cowork.twins.evidence.look import Look
from tests.twins.evidence.fake_gh import NOW


class Workspace:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def write(self, content: str, name: str = "orders.csv", hours: float = 1) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        then = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (then, then))

    def collect(self) -> Findings:
        with Look(self.root, NOW) as look:
            return collect(look)

    def facts(self, kind: str) -> list[Fact]:
        return [fact for fact in self.collect().facts if fact.data["kind"] == kind]

    def texts(self, kind: str) -> list[str]:
        return [fact.text.removeprefix("orders.csv: ") for fact in self.facts(kind)]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "repository")


def table(columns: str, row: Callable[[int], str], rows: int = 100) -> str:
    return columns + "\n" + "".join(f"{row(number)}\n" for number in range(rows))


def test_a_table_and_its_columns(workspace: Workspace) -> None:
    workspace.write("id,amount,paid,day,note\n1,2.5,yes,2026-01-01,a\n2,3.5,no,2026-01-02,\n")
    told = workspace.collect()
    assert [fact.text for fact in told.facts if fact.data["kind"] == "profile"] == [
        "orders.csv: 2 rows, 5 columns (utf-8): id integer, amount number, paid boolean, day date, note text"
    ]
    columns = told.facts[-1].data["columns"]
    assert (columns[1]["min"], columns[1]["max"], columns[1]["mean"]) == (2.5, 3.5, 3.0)
    assert (columns[4]["nulls"], columns[4]["distinct"]) == (1, 1)
    assert told.summary == ("2 rows and 5 columns in 1 table: 10.0% of the cells missing")


def test_the_most_urgent_comes_first(workspace: Workspace) -> None:
    def row(number: int) -> str:
        amount = 10_000 if number == 50 else "?x" if number == 51 else number % 10
        return f"{number if number != 60 else 59},{amount},{'' if number % 2 else 'a'},same"

    workspace.write(table("id,amount,note,const", row) + "1,2\n98,8,a,same\n")
    assert [fact.data["kind"] for fact in workspace.collect().facts] == [
        "ragged", "doubled keys", "mixed", "doubled rows", "nulls", "outliers", "profile",
    ]  # fmt: skip
    assert workspace.texts("doubled keys") == ["3 rows with a value of id that was there before"]
    assert workspace.texts("mixed") == ["amount has mixed types: 99.0% number, 1.0% text"]
    assert workspace.texts("outliers") == ["1 outlier in amount: 10000, the median is 5"]
    assert workspace.texts("nulls") == ["note is missing in 50.0% of the rows"]


def test_constant_and_empty_columns(workspace: Workspace) -> None:
    workspace.write(table("id,currency,nothing", lambda number: f"{number},EUR,"))
    assert workspace.texts("constant") == ["always the same value: currency"]
    assert workspace.texts("empty") == ["nothing is empty"]


def test_personal_columns_are_named_and_their_values_are_nowhere(workspace: Workspace, home: Path) -> None:
    def row(number: int) -> str:
        birth = f"1980-02-{number % 28 + 1:02}"
        return f"ana{number}@example.com,+49 170 55500{number:02},{birth},{40_000 + number},Secretname{number}"

    workspace.write(table("contact,reach,birth_date,salary,last_name", row))
    told = workspace.collect()
    assert workspace.texts("personal") == ["looks personal, no value is told: contact, reach, birth_date, salary, last_name"]
    everything = repr(told) + "".join(path.read_text() for path in home.rglob("*.json"))
    for value in ("example.com", "55500", "1980", "40000", "40049.5", "Secretname"):
        assert value not in everything


def test_a_file_without_header_does_not_make_names_of_values(workspace: Workspace) -> None:
    workspace.write("ana@example.com,Berlin\nbo@example.com,Paris\n")
    assert "ana@" not in repr(workspace.collect())
    assert "without a header" in workspace.texts("profile")[0]


def test_a_median_that_moves_is_told_where_outliers_hide_it_in_the_mean(workspace: Workspace) -> None:
    workspace.write(table("amount", lambda number: "9999999" if number == 7 else f"{50 + number % 10}.5"), hours=9)
    assert workspace.texts("drift") == []
    workspace.write(table("amount", lambda number: "9999999" if number == 7 else f"{5050 + number % 10}.5"))
    assert workspace.texts("drift") == ["the median of amount moved from 55 to 5055 (since 2026-03-02)"]


def test_drift_against_the_last_look(workspace: Workspace) -> None:
    workspace.write(table("id,amount,note,gone", lambda number: f"{number},{number % 10},a,1"), hours=9)
    assert workspace.texts("drift") == []
    workspace.write(
        table("id,amount,note,new", lambda number: f"x{number},{50 + number % 10},{'' if number % 4 else 'a'},1", 60)
    )
    assert workspace.texts("drift") == [
        "1 column removed: gone (since 2026-03-02)",
        "1 column added: new (since 2026-03-02)",
        "the type of id changed from integer to text (since 2026-03-02)",
        "it has 60 rows, it had 100 (since 2026-03-02)",
        "missing values of note rose from 0.0% to 75.0% (since 2026-03-02)",
        "the mean of amount moved by +17.4 standard deviations, from 4.5 to 54.5 (since 2026-03-02)",
    ]
    assert len(workspace.texts("drift")) == 6  # looking again does not make it go away


def test_small_changes_are_no_drift(workspace: Workspace) -> None:
    workspace.write(table("id,amount", lambda number: f"{number},{number % 10}"), hours=9)
    workspace.collect()
    workspace.write(table("id,amount", lambda number: f"{number},{number % 10 if number else ''}", 105))
    assert workspace.texts("drift") == []


def test_what_is_remembered_may_be_damaged_anyhow(workspace: Workspace, home: Path) -> None:
    workspace.write("id,a\n1,2\n", hours=5)
    workspace.collect()
    (path,) = home.rglob("data-profile.json")
    for value in ('"x"', "[1]", "null", '{"a": 3}', '{"a": {"mean": "x", "deviation": [], "null_share": {}, "type": 4}}'):
        stored = {"subjects": {"orders.csv": [{"digest": "d", "at": "2026", "rows": "many", "columns": json.loads(value)}]}}
        path.write_text(json.dumps(stored))
        assert workspace.collect().figures["files"] == 1


def test_what_is_no_table_is_told_and_does_not_stop_the_others(workspace: Workspace) -> None:
    workspace.write("a,b\n1,2\n", name="good.tsv")
    workspace.write("a\0b", name="bad.csv")
    (workspace.root / "link.csv").symlink_to("/etc/passwd")
    told = workspace.collect()
    assert told.facts[0].text == "bad.csv cannot be read as a table: it is binary"
    assert told.figures["files"] == 1


def test_parquet_and_compressed_files_are_said_not_to_be_read(workspace: Workspace) -> None:
    workspace.write("x", name="a.parquet")
    with pytest.raises(CannotCollect) as caught:
        workspace.collect()
    assert caught.value.hint == "1 Parquet file: not read: export it as CSV"
    workspace.write("a,b\n1,2\n")
    workspace.write("x", name="b.csv.gz")
    assert workspace.collect().left_out == ("1 Parquet file: not read", "1 compressed CSV file: not read")


def test_bounds_are_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cowork.twins.evidence.data_table.MOST_BYTES", 5000)
    workspace.write(table("id,a", lambda number: f"{number},{number}", 1000))
    told = workspace.collect()
    assert told.left_out == ("rows beyond the first of orders.csv",)
    assert told.facts[-1].text.startswith("orders.csv: the first ")
    assert 0 < told.figures["rows"] < 1000 < MOST_ROWS
    for number in range(MOST_FILES + 1):
        workspace.write("a,b\n1,2\n", name=f"{number}.csv", hours=0.5)
    assert workspace.collect().figures["files"] == MOST_FILES


def test_without_any_table_that_is_said(workspace: Workspace) -> None:
    with pytest.raises(CannotCollect, match="no CSV or TSV file"):
        workspace.collect()
