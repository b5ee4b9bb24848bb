"""Reports of tests: what fails now, what wavers, over files that are here and runs that are remembered."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cowork.twins.evidence.findings import CannotCollect, Findings
from cowork.twins.evidence.look import Look
from cowork.twins.evidence.test_reports import collect
from tests.twins.evidence.fake_gh import NOW

Write = Callable[..., None]


def suite(**tests: str) -> str:
    cases = "".join(f"<testcase classname='t' name='{name}' time='0.1'>{inner}</testcase>" for name, inner in tests.items())
    return f"<testsuite name='s'>{cases}</testsuite>"


BAD = "<failure message='assert 1 == 2'>trace</failure>"


class Workspace:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()

    def write(self, name: str, content: str, hours: float = 1) -> None:
        """A file that was written so many hours ago."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        then = (NOW - timedelta(hours=hours)).timestamp()
        os.utime(path, (then, then))

    def collect(self, seconds: float = 8) -> Findings:
        with Look(self.root, NOW, seconds) as look:
            return collect(look)

    def beats(self, *contents: str, name: str = "junit.xml") -> Findings:
        """One look after each content that the same file had, an hour apart."""
        for number, content in enumerate(contents):
            self.write(name, content, hours=len(contents) - number)
            found = self.collect()
        return found


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    yield Workspace(tmp_path / "repository")


def texts(found: Findings) -> list[str]:
    return [fact.text for fact in found.facts]


def test_failing_tests_with_the_first_line_of_why(workspace: Workspace) -> None:
    workspace.write("test-results/junit.xml", suite(a="", b=BAD, c="<skipped message='slow'/>"), hours=3)
    found = workspace.collect()
    assert texts(found) == ["t::b fails (test-results/junit.xml of 2026-03-02): assert 1 == 2", "1 test skipped: slow (1)"]
    assert (
        found.summary
        == "3 tests in 1 report: 1 failing, 0 flaky, 1 skipped; 0.3 s together; the latest report is of 2026-03-02 09:00 UTC"
    )
    assert {name: found.figures[name] for name in ("tests", "passed", "failed", "skipped")} == {
        "tests": 3, "passed": 1, "failed": 1, "skipped": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    "junit.xml junit-3.11.xml TEST-a.FooTest.xml test-results/x/y.xml reports/all.xml a/build/test-results/t.xml "
    "target/surefire-reports/z.xml pytest.xml unit-test-results.xml".split(),
)
def test_reports_are_found_where_tools_put_them(workspace: Workspace, name: str) -> None:
    workspace.write(name, suite(a=""))
    assert workspace.collect().figures["tests"] == 1


@pytest.mark.parametrize("name", ["node_modules/x/junit.xml", ".venv/junit.xml", ".git/junit.xml", "pom.xml", "reports/a.html"])
def test_and_not_where_others_put_theirs(workspace: Workspace, name: str) -> None:
    workspace.write(name, suite(a=""))
    with pytest.raises(CannotCollect, match="no JUnit report"):
        workspace.collect()


def test_ignored_files_count_and_links_and_inner_repositories_do_not(workspace: Workspace, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", workspace.root], check=True)
    workspace.write(".gitignore", "*.xml\n")
    workspace.write("junit.xml", suite(a=""))
    (tmp_path / "elsewhere.xml").write_text(suite(b=BAD))
    (workspace.root / "junit-link.xml").symlink_to(tmp_path / "elsewhere.xml")
    workspace.write("inner/.git", "gitdir: nowhere")
    workspace.write("inner/junit.xml", suite(c=BAD))
    assert workspace.collect().figures["tests"] == 1


def test_other_xml_there_is_passed_over(workspace: Workspace) -> None:
    workspace.write("reports/coverage.xml", "<coverage/>")
    workspace.write("reports/junit.xml", suite(a=""))
    assert workspace.collect().figures["reports"] == 1


def test_a_test_that_changes_again_and_again_is_flaky_though_the_file_is_overwritten(workspace: Workspace) -> None:
    found = workspace.beats(suite(a="", b=""), suite(a=BAD, b=""), suite(a="", b=" "))
    assert texts(found) == ["t::a is flaky: it passed in 2 of the last 3 reports and changed 2 times (junit.xml of 2026-03-02)"]
    assert found.figures["flaky"] == 1


def test_one_that_broke_is_not_flaky(workspace: Workspace) -> None:
    found = workspace.beats(suite(a=""), suite(a=BAD), suite(a=BAD, b=""))
    assert texts(found) == ["t::a fails in the last 2 reports, having passed before (junit.xml of 2026-03-02): assert 1 == 2"]
    assert found.figures["flaky"] == 0


def test_facts_say_of_which_day_their_report_is(workspace: Workspace) -> None:
    workspace.write("a/junit.xml", suite(gone=BAD), hours=24 * 90)
    workspace.write("junit.xml", suite(a=""), hours=2)
    found = workspace.collect()
    assert texts(found) == ["t::gone fails (a/junit.xml of 2025-12-02): assert 1 == 2"]
    assert found.summary.endswith("the latest report is of 2026-03-02 10:00 UTC")


def test_what_broke_last_comes_first(workspace: Workspace) -> None:
    found = workspace.beats(suite(a=BAD, z=""), suite(a=BAD, z="", c=""), suite(a=BAD, z=BAD))
    assert [fact.data["test"] for fact in found.facts] == ["t::z", "t::a"]
    assert [fact.data["failing_for"] for fact in found.facts] == [1, 3]


def test_looking_twice_at_one_content_adds_nothing(workspace: Workspace) -> None:
    found = workspace.beats(suite(a=""), suite(a=BAD), suite(a=BAD), suite(a=BAD))
    assert found.facts[0].data["runs"] == 2


def test_losing_what_is_remembered_only_loses_that(workspace: Workspace, home: Path) -> None:
    workspace.beats(suite(a=""), suite(a=BAD))
    shutil.rmtree(home)
    assert workspace.collect().facts[0].data["runs"] == 1


def test_reports_numbered_by_run_are_runs_of_one_job(workspace: Workspace) -> None:
    for number, inner in enumerate(["", BAD, "", BAD]):
        workspace.write(f"reports/junit-{number}.xml", suite(a=inner), hours=9 - number)
    fact = workspace.collect().facts[0]
    assert fact.text == (
        "t::a fails in the latest report, having passed before, flaky: it passed in 2 of the last 4 reports and changed 3 "
        "times (reports/junit-3.xml of 2026-03-02): assert 1 == 2"
    )


def test_reports_of_other_names_are_other_jobs(workspace: Workspace) -> None:
    workspace.write("junit-linux.xml", suite(a=""), hours=3)
    workspace.write("junit-mac.xml", suite(a=BAD), hours=2)
    workspace.write("junit-windows.xml", suite(a=""), hours=1)
    assert workspace.collect().figures["flaky"] == 0


def test_attempts_within_one_build_are_flaky(workspace: Workspace) -> None:
    workspace.write("a/junit.xml", suite(a="<flakyFailure/>"))
    workspace.write("b/junit.xml", f"<testsuite><testcase name='b'>{BAD}</testcase><testcase name='b'/></testsuite>")
    found = workspace.collect()
    assert found.figures["failed"] == 0
    assert texts(found) == [
        "b is flaky: it failed 1 time and passed in one report (b/junit.xml of 2026-03-02)",
        "t::a is flaky: it failed 1 time and passed in one report (a/junit.xml of 2026-03-02)",
    ]


def test_a_report_that_is_cut_off_is_told_and_not_remembered(workspace: Workspace) -> None:
    workspace.write("junit.xml", suite(a="", b=BAD)[:-30])
    found = workspace.collect()
    assert "junit.xml of 2026-03-02 cannot be read to its end (unclosed token, line 1); 1 test before that is counted" in texts(
        found
    )
    assert "1 report cannot be read to the end" in found.summary
    workspace.write("junit.xml", suite(a=BAD), hours=0.5)
    assert workspace.collect().facts[0].data["runs"] == 1


def test_the_slowest_are_named(workspace: Workspace) -> None:
    cases = "".join(f"<testcase name='t{seconds}' time='{seconds}'/>" for seconds in (0.5, 1.5, 75, 2, 3, 4, 5))
    workspace.write("junit.xml", f"<testsuite>{cases}</testsuite>")
    assert texts(workspace.collect()) == [
        "t75 takes 1 min 15 s", "t5 takes 5.0 s", "t4 takes 4.0 s", "t3 takes 3.0 s", "t2 takes 2.0 s",
    ]  # fmt: skip


def test_secrets_and_controls_in_messages_are_not_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "correct-horse-battery")
    workspace.write("junit.xml", suite(a="<failure message='cannot log in with correct-horse-battery&#x202e;'/>"))
    text = workspace.collect().facts[0].text
    assert "[redacted:DATABASE_PASSWORD]" in text
    assert text.isprintable()


def test_one_that_is_too_large_does_not_stop_the_others(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cowork.twins.evidence.artifacts.MOST_BYTES_TOGETHER", 1000)
    workspace.write("junit-large.xml", suite(a="x" * 2000), hours=1)
    workspace.write("junit-small.xml", suite(b=""), hours=2)
    with Look(workspace.root, NOW) as look:
        assert collect(look).figures["tests"] == 1
        assert look.left_out == {"reports, because all together are too large": 1}


def test_when_time_is_short_what_was_not_read_is_said(workspace: Workspace) -> None:
    for number in range(30):
        workspace.write(f"junit-{number}.xml", suite(a=""))
    ticks = iter(range(10_000))
    with Look(workspace.root, NOW, 40, elapsed=lambda: float(next(ticks))) as look:
        found = collect(look)
        assert look.left_out
    assert found.figures["reports"] < 30
