"""Coverage: least of it first, what fell, and whether the report is older than the code."""

from __future__ import annotations

import os
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cowork.twins.evidence.coverage_report import collect
from cowork.twins.evidence.findings import CannotCollect, Findings
from cowork.twins.evidence.look import Look
from tests.twins.evidence.fake_gh import NOW


def cobertura(**files: tuple[int, int]) -> str:
    """A report of files by their lines and how many of them were run."""
    classes = "".join(
        f"<class filename='{name}.py'><lines>"
        + "".join(f"<line number='{number}' hits='{int(number < run)}'/>" for number in range(lines))
        + "</lines></class>"
        for name, (lines, run) in files.items()
    )
    return f"<coverage line-rate='0.1'><packages><package><classes>{classes}</classes></package></packages></coverage>"


def write(root: Path, content: str, hours: float = 1, name: str = "coverage.xml") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    then = (NOW - timedelta(hours=hours)).timestamp()
    os.utime(path, (then, then))


def found(root: Path, now: datetime = NOW) -> Findings:
    with Look(root, now) as look:
        return collect(look)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    path.mkdir()
    return path


def test_the_files_with_most_lines_not_run_come_first(root: Path) -> None:
    write(root, cobertura(small=(4, 0), large=(100, 80), whole=(10, 10)), hours=5)
    told = found(root)
    assert [fact.text for fact in told.facts] == [
        "large.py: 20 of 100 lines not run (80.0 % run)",
        "small.py: 4 of 4 lines not run (0.0 % run)",
    ]
    assert told.summary == "78.9 % of 114 lines run in 3 files; 1 not at all; the latest report is of 2026-03-02 07:00 UTC"
    assert (told.figures["lines"], told.figures["lines_run"], told.figures["line_rate"]) == (114, 90, 78.9)


def test_what_fell_since_the_last_report_comes_before_all_else(root: Path) -> None:
    write(root, cobertura(a=(100, 90), b=(100, 90)), hours=9)
    found(root)
    write(root, cobertura(a=(100, 50), b=(100, 88)), hours=2)
    texts = [fact.text for fact in found(root).facts]
    assert texts[0] == "line coverage fell by 21.0 points to 69.0 % since the report of 2026-03-02 (coverage.xml)"
    assert texts[1] == "a.py: line coverage fell from 90.0 to 50.0 %"
    assert not any("b.py: line coverage fell" in text for text in texts)


def test_the_same_report_again_is_no_drift(root: Path) -> None:
    write(root, cobertura(a=(10, 5)))
    assert found(root).facts == found(root).facts
    write(root, cobertura(a=(10, 6)), hours=0.5)
    assert found(root).facts[0].text.startswith("line coverage rose by 10.0 points to 60.0 %")
    assert found(root).facts[0].data["points"] == 10.0


def test_a_report_older_than_the_last_commit_is_told(root: Path) -> None:
    environment = {**os.environ, "GIT_COMMITTER_DATE": (NOW - timedelta(hours=2)).isoformat()}
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["init", "-q"], [*identity, "commit", "-q", "--allow-empty", "-m", "x"]):
        subprocess.run(["git", *words], cwd=root, env=environment, check=True)
    write(root, cobertura(a=(1, 1)), hours=7)
    assert [fact.text for fact in found(root).facts] == [
        "coverage.xml is 5 h older than the last commit: it may not tell of the code as it is"
    ]
    write(root, cobertura(a=(1, 1)), hours=1)
    assert found(root).facts == ()


def test_a_file_of_several_reports_counts_as_the_latest_tells_it(root: Path) -> None:
    write(root, cobertura(a=(10, 1), b=(10, 10)), hours=5, name="old/coverage.xml")
    write(root, cobertura(a=(10, 9)), hours=1, name="new/coverage.xml")
    assert (found(root).figures["files"], found(root).figures["lines_run"]) == (2, 19)


def test_one_file_that_tools_name_in_several_ways_is_one_file(root: Path) -> None:
    (root / "shop").mkdir()
    (root / "shop" / "cart.py").touch()
    xml = cobertura(cart=(4, 2)).replace("<packages>", f"<sources><source>{root}/shop</source></sources><packages>", 1)
    write(root, xml, hours=2)
    write(root, "SF:shop/cart.py\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,0\nend_of_record\n", name="lcov.info")
    write(root, f"SF:{root}/shop/cart.py\nDA:1,1\nend_of_record\n", name="old.lcov", hours=9)
    told = found(root)
    assert (told.figures["files"], told.figures["lines"], told.figures["lines_run"]) == (1, 4, 3)
    assert told.facts[-1].data["file"] == "shop/cart.py"


def test_names_that_lead_out_of_the_workspace_are_only_names(root: Path) -> None:
    xml = cobertura(cart=(4, 2)).replace("cart.py", "../../../etc/passwd")
    write(root, xml.replace("<packages>", "<sources><source>/</source></sources><packages>", 1))
    assert found(root).facts[0].data["file"] == "../../../etc/passwd"


def test_lcov_is_found_where_javascript_puts_it_and_junit_is_not_coverage(root: Path) -> None:
    write(root, "TN:\nSF:a.js\nDA:1,0\nend_of_record\n", name="coverage/lcov.info")
    write(root, "<testsuite/>", name="coverage-junit.xml")
    assert found(root).figures["formats"] == ["lcov"]


def test_a_report_that_is_cut_off_is_told_and_not_remembered(root: Path, home: Path) -> None:
    write(root, cobertura(a=(10, 5))[:-40])
    assert any("cannot be read to its end" in fact.text for fact in found(root).facts)
    assert not list(home.rglob("coverage-report.json"))


def test_without_a_report_the_way_to_one_is_told(root: Path) -> None:
    write(root, "<x/>", name="coverage.xml")
    with pytest.raises(CannotCollect) as caught:
        found(root)
    assert "coverage xml" in caught.value.hint


def test_what_is_remembered_may_be_damaged_anyhow(root: Path, home: Path) -> None:
    write(root, cobertura(a=(10, 5)), hours=5)
    found(root)
    (path,) = home.rglob("coverage-report.json")
    for total in ('"x"', "[1]", "[-1, 2]", "[1, 2, 3, 4, 5]", "[true, 1]", "null", "[0, 0, 0, 0]"):
        path.write_text(f'{{"subjects":{{"coverage.xml":[{{"digest":"d","at":"2026","total":{total},"files":{total}}}]}}}}')
        assert found(root).figures["files"] == 1
