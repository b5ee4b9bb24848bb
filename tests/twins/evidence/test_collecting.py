"""Running collectors: what one does never costs the others anything, and everything has bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError, NotFound
from cowork.twins.evidence import collecting, collectors
from cowork.twins.evidence.collectors import Basis, Collector
from cowork.twins.evidence.findings import CannotCollect, Evidence, Fact, Findings
from cowork.twins.evidence.look import Look
from tests.support import FakeClock
from tests.twins.evidence.histories import NOW, History

Collect = Callable[[Look], Findings]
RUNS: list[str] = []


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes collectors that run functions of this test."""
    RUNS.clear()

    def make(*basis: Basis, **functions: Collect) -> None:
        kinds: tuple[Basis, ...] = basis or ("network",)
        made = tuple(_Made(name, "", "", "", kinds) for name in functions)
        for name, function in functions.items():
            _FUNCTIONS[name] = function
        monkeypatch.setattr(collectors, "COLLECTORS", made)

    return make


_FUNCTIONS: dict[str, Collect] = {}


class _Made(Collector):
    def collect(self, look: Look) -> Findings:
        RUNS.append(self.name)
        return _FUNCTIONS[self.name](look)


def found(look: Look) -> Findings:
    return Findings("one thing", (Fact("a thing", {"n": 1}),), {"things": 1})


def collect(root: Path, *names: str, **how: Any) -> tuple[Evidence, ...]:
    return collecting.collect(names, root, FakeClock(), **how)


def test_evidence_has_numbered_items_of_which_the_first_is_the_summary(known: Callable[..., None], tmp_path: Path) -> None:
    known(one=found)

    (evidence,) = collect(tmp_path, "one")

    assert (evidence.status, evidence.summary, evidence.reason, evidence.figures) == ("ok", "one thing", "", {"things": 1})
    assert [(item.id, item.text, item.data) for item in evidence.items] == [
        ("one.0", "one thing", {"things": 1}),
        ("one.1", "a thing", {"n": 1}),
    ]
    assert (evidence.items_total, evidence.commit, evidence.cached) == (1, None, False)
    assert evidence.collected_at == "2026-01-31T08:05:00.000Z"


def test_no_secret_of_the_environment_is_in_evidence_wherever_it_was_met(
    known: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "tr0ub4dor-and-3-horses"
    monkeypatch.setenv("SHOP_API_TOKEN", secret)

    def tells(look: Look) -> Findings:
        fact = Fact(f"{'x' * 290} {secret}", {secret: [{"deep": f"a {secret}"}]})
        return Findings(f"it is {secret}", (fact,), {"seen": secret}, None, (f"{secret} was left out",))

    def refuses(look: Look) -> Findings:
        raise CannotCollect(f"{secret} is wrong", f"use another than {secret}")

    known(tells=tells, refuses=refuses)

    told = collect(tmp_path, "tells", "refuses")

    assert secret[:6] not in repr(told), "not even a part of it, where a text was cut"
    assert told[0].summary == "it is [redacted:SHOP_API_TOKEN]"


def test_what_one_raises_is_its_own_affair_and_the_order_is_that_of_the_question(
    known: Callable[..., None], tmp_path: Path
) -> None:
    def refuses(look: Look) -> Findings:
        raise CannotCollect("there is no gh", "install gh")

    def fails(look: Look) -> Findings:
        raise CoworkError("git.late", "git is late", cause="a slow disk", hint="wait")

    def is_wrong(look: Look) -> Findings:
        return found(look) if RUNS == ["never"] else 1 / 0  # type: ignore[return-value]

    def recurses(look: Look) -> Findings:
        return recurses(look)

    known(refuses=refuses, fails=fails, is_wrong=is_wrong, recurses=recurses, one=found)
    told: list[str] = []

    evidence = collect(tmp_path, "one", "is_wrong", "refuses", "recurses", "fails", told=lambda one: told.append(one.collector))

    assert [(one.collector, one.status, one.reason, one.hint) for one in evidence] == [
        ("one", "ok", "", ""),
        ("is_wrong", "unavailable", "it failed: ZeroDivisionError: division by zero", "this is a bug of the collector"),
        ("refuses", "unavailable", "there is no gh", "install gh"),
        ("recurses", "unavailable", "it met something nested too deeply", ""),
        ("fails", "unavailable", "git is late: a slow disk", "wait"),
    ]
    assert sorted(told) == ["fails", "is_wrong", "one", "recurses", "refuses"]


def test_a_collector_that_hangs_is_left_behind_in_time(
    known: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collecting, "GRACE_S", 0.05)
    going_on = threading.Event()

    def hangs(look: Look) -> Findings:
        going_on.wait(30)
        return found(look)

    known(hangs=hangs, one=found)
    began = time.monotonic()

    evidence = collect(tmp_path, "hangs", "one", seconds=0.2)

    going_on.set()
    assert time.monotonic() - began < 5
    assert [(one.status, one.reason) for one in evidence] == [("unavailable", "it did not end in time"), ("ok", "")]


def test_a_collector_that_runs_out_of_time_keeps_what_it_has(known: Callable[..., None], tmp_path: Path) -> None:
    clock = FakeClock()

    def slow(look: Look) -> Findings:
        facts = []
        for name in look.in_time(["a", "b", "c"], "files"):
            facts.append(Fact(name))
            clock.advance(5)
        return Findings("some", tuple(facts))

    def empty_handed(look: Look) -> Findings:
        clock.advance(100)
        look.checkpoint()
        return found(look)

    known(slow=slow, empty_handed=empty_handed)
    (kept,) = collecting.collect(["slow"], tmp_path, clock)
    (nothing,) = collecting.collect(["empty_handed"], tmp_path, clock)

    assert (kept.status, kept.reason, len(kept.items)) == ("partial", "files: time ran out (1)", 3)
    assert (nothing.status, nothing.reason) == ("unavailable", "its time was over before it found anything")


def test_what_was_left_out_makes_it_partial(known: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "large").write_text("x" * 2000)

    def left(look: Look) -> Findings:
        look.read("large", most=1024)
        return Findings("some", (), {}, 70, ("tests of other languages",))

    known(left=left)
    (evidence,) = collect(tmp_path, "left")

    assert (evidence.status, evidence.reason) == ("partial", "tests of other languages; larger than 1 KiB (1)")
    assert evidence.items_total == 70


def test_text_is_bounded_and_can_drive_no_terminal(known: Callable[..., None], tmp_path: Path) -> None:
    def hostile(look: Look) -> Findings:
        data = {
            "path": "bad-\udcff\x1b[31m",
            "deep": {"a": {"b": {"c": {"d": {"e": 1}}}}},
            "many": list(range(100)),
            "nan": float("nan"),
            "\x1b]": {"b", "a"},
        }
        facts = (Fact("\x1b[31mred\nnext \u202e" + "x" * 1000, data), *(Fact(str(number)) for number in range(99)))
        return Findings("\x07sum\nmary", facts, {"k\n": "\x00"})

    known(hostile=hostile)
    (evidence,) = collect(tmp_path, "hostile")

    first = evidence.items[1]
    assert evidence.summary == "\\u0007sum mary"
    assert first.text.startswith("\\u001b[31mred next \\u202exxx")
    assert len(first.text) == 300
    assert (len(evidence.items), evidence.items_total) == (41, 100)
    assert first.data["path"] == "bad-\\udcff\\u001b[31m"
    assert (len(first.data["many"]), first.data["nan"], first.data["\\u001b]"]) == (50, None, ["a", "b"])
    assert first.data["deep"] == {"a": {"b": {"c": "{'d': {'e': 1}}"}}}
    assert evidence.figures == {"k": "\\u0000"}


def test_unknown_names_and_places_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no collector 'todo-comment'") as caught:
        collect(tmp_path, "todo-comment")
    assert caught.value.hint == "did you mean 'todo-comments'?"
    with pytest.raises(NotFound, match="no directory"):
        collect(tmp_path / "nowhere", "todo-comments")


def test_every_collector_is_there_and_runs_in_an_empty_directory(tmp_path: Path) -> None:
    for evidence in collect(tmp_path, *collectors.NAMES):
        assert "this is a bug" not in evidence.hint or "ModuleNotFoundError" in evidence.reason, evidence
        assert evidence.summary or evidence.reason


# What is kept


@pytest.fixture
def history(tmp_path: Path, home: Path) -> History:
    home.mkdir()
    made = History(tmp_path / "r")
    made.commit("Begin", {"a.py": "1", ".gitignore": "*.xml\n"}, days_ago=3)
    return made


def _runs(history: History, *, clock: FakeClock | None = None, fresh: bool = False) -> int:
    """How often a collector ran to answer once more."""
    before = len(RUNS)
    (evidence,) = collecting.collect(["one"], history.root, clock or FakeClock(), fresh=fresh)
    assert evidence.cached == (len(RUNS) == before)
    assert evidence.summary == "one thing"
    return len(RUNS) - before


def _aged(history: History, name: str, text: str) -> None:
    """A file that was written a while ago: what changes right now is never kept."""
    import os

    history.write({name: text})
    os.utime(history.root / name, (NOW.timestamp() - 1000 - len(text),) * 2)


def test_what_was_collected_is_taken_until_the_commit_changes(known: Callable[..., None], history: History) -> None:
    known("history", one=found)

    assert [_runs(history), _runs(history)] == [1, 0]
    _aged(history, "new.py", "the files do not matter to it")
    history.git("tag", "v1")
    assert _runs(history) == 0
    first = history.git("rev-parse", "HEAD")
    history.commit("More")
    assert [_runs(history), _runs(history)] == [1, 0]
    history.git("checkout", "-q", first)
    assert _runs(history) == 0  # as it was before


def test_tags_and_branches_count_where_they_are_told_of(known: Callable[..., None], history: History) -> None:
    known("refs", one=found)

    assert [_runs(history), _runs(history)] == [1, 0]
    history.git("branch", "other")
    assert _runs(history) == 1


def test_files_count_whether_git_knows_them_or_not(known: Callable[..., None], history: History) -> None:
    known("tree", one=found)

    assert [_runs(history), _runs(history)] == [1, 0]
    for name, text in (("a.py", "22"), ("a.py", "333"), ("new.py", "1"), ("new.py", "22"), ("two\nlines", "1")):
        _aged(history, name, text)
        assert [_runs(history), _runs(history)] == [1, 0], (name, text)
    history.write({"report.xml": "ignored"})
    assert _runs(history) == 0
    history.git("update-index", "--assume-unchanged", "a.py")
    assert [_runs(history), _runs(history)] == [1, 0]
    _aged(history, "a.py", "changed behind git's back")
    assert _runs(history) == 1


def test_ignored_files_count_where_they_are_read(known: Callable[..., None], history: History) -> None:
    known("ignored", one=found)
    _aged(history, "a.py", "1")
    _aged(history, ".gitignore", "*.xml\n")

    assert [_runs(history), _runs(history)] == [1, 0]
    _aged(history, "deep/report.xml", "ignored")
    assert [_runs(history), _runs(history)] == [1, 0]


def test_a_day_ends(known: Callable[..., None], history: History) -> None:
    known("history", "day", one=found)
    clock = FakeClock()

    assert [_runs(history, clock=clock), _runs(history, clock=clock)] == [1, 0]
    clock.advance(15 * 3600)
    assert _runs(history, clock=clock) == 0
    clock.advance(3600)
    assert _runs(history, clock=clock) == 1


def test_a_directory_without_git_has_its_files(known: Callable[..., None], history: History, tmp_path: Path) -> None:
    known("tree", "history", one=found)
    plain = History(tmp_path / "plain")
    import shutil

    shutil.rmtree(plain.root / ".git")
    _aged(plain, "a.py", "1")

    assert [_runs(plain), _runs(plain)] == [1, 0]
    _aged(plain, "a.py", "22")
    assert _runs(plain) == 1


def test_what_others_answer_is_never_kept_nor_what_is_not_to_be_had(known: Callable[..., None], history: History) -> None:
    def refuses(look: Look) -> Findings:
        raise CannotCollect("not now")

    known("network", one=found)
    assert [_runs(history), _runs(history)] == [1, 1]
    known("history", two=refuses)
    assert [collect(history.root, "two")[0].cached for _ in range(2)] == [False, False]
    known("history", three=_in_time)
    assert [collect(history.root, "three")[0].cached for _ in range(2)] == [False, False]


def _in_time(look: Look) -> Findings:
    look.ran_out = True
    return found(look)


def test_a_file_that_changes_right_now_is_not_believed(known: Callable[..., None], history: History) -> None:
    import os

    known("tree", one=found)
    history.write({"a.py": "2"})
    os.utime(history.root / "a.py", (time.time() + 60,) * 2)  # of the near future: just now, by another clock

    assert [_runs(history), _runs(history)] == [1, 1]


def test_what_changed_while_it_was_looked_at_is_not_kept(known: Callable[..., None], history: History) -> None:
    def meanwhile(look: Look) -> Findings:
        history.commit("Meanwhile")
        return found(look)

    known("history", one=meanwhile)
    before = history.git("rev-parse", "HEAD")
    assert _runs(history) == 1
    history.git("reset", "-q", "--hard", before)
    assert _runs(history) == 1


def test_it_can_be_collected_afresh_and_is_kept_then(known: Callable[..., None], history: History) -> None:
    known("history", one=found)

    assert [_runs(history), _runs(history, fresh=True), _runs(history)] == [1, 1, 0]


def test_a_damaged_cache_is_collected_anew_and_a_removed_one_is_no_loss(
    known: Callable[..., None], history: History, home: Path
) -> None:
    known("history", one=found)
    assert _runs(history) == 1
    (kept,) = (home / "cache" / "evidence").glob("*.json")
    whole = kept.read_bytes()
    for damaged in (b"", b"{}", whole[:-20], whole.replace(b"one thing", b"two thing"), b"00000000\n", b"\xff" * 600_000):
        kept.write_bytes(damaged)
        assert [_runs(history), _runs(history)] == [1, 0], damaged[:40]
    kept.unlink()
    assert _runs(history) == 1


def test_other_code_collects_anew(known: Callable[..., None], history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    from cowork.twins.evidence import cache

    known("history", one=found)
    assert _runs(history) == 1
    monkeypatch.setattr(cache, "_code", lambda: "other code")
    assert _runs(history) == 1


def test_only_so_many_results_are_kept(
    known: Callable[..., None], history: History, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cowork.twins.evidence import cache

    monkeypatch.setattr(cache, "MOST_ENTRIES", 2)
    known("history", one=found)
    for number in range(3):
        history.commit(f"Change {number}")
        assert _runs(history) == 1
    assert len(list((home / "cache" / "evidence").iterdir())) == 2
    assert _runs(history) == 0


def test_without_a_home_nothing_is_written(known: Callable[..., None], history: History, home: Path) -> None:
    home.rmdir()
    known("history", one=found)

    assert [_runs(history), _runs(history)] == [1, 1]
    assert not home.exists()
