"""Recording what agents do, call by call, and having it again: answers, errors, and changes, in a real git repository."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cowork.core.errors import Conflict, CoworkError, InvalidInput, LimitReached
from cowork.core.secrets import Redactor
from cowork.loop.agents.recording import Recording, append
from cowork.loop.agents.replaying import Given, Replaying, Tape, read
from cowork.loop.agents.work import Agent, AgentSpec, Execution, Heard, Job
from cowork.models.chat import Usage
from cowork.models.errors import AuthError, DailyQuotaError, WaitError

SPEC = AgentSpec("worker", "command", "fake-agent", "default")
Work = Callable[[Job, Heard], str | CoworkError]


@dataclass
class Worker:
    """An agent that does what a function does."""

    do: Work
    spec: AgentSpec = SPEC
    closed: bool = False

    async def work(self, job: Job, heard: Heard) -> Execution:
        heard("agent.output", {"text": "one ", "agent": "worker"})
        heard("agent.output", {"text": "two", "agent": "worker"})
        said = self.do(job, heard)
        if isinstance(said, CoworkError):
            raise said
        return Execution(said, 0, Usage(3, 2, "reported", 1), 0.25, "fake-1", 1.5, ("a note",))

    async def close(self) -> None:
        self.closed = True


@dataclass
class Place:
    """Two clones of a project: one to record in, one to replay in."""

    root: Path
    file: Path = field(init=False)

    def __post_init__(self) -> None:
        self.file = self.root / "calls.jsonl"
        for name in ("first", "second"):
            clone = self.root / name
            clone.mkdir()
            git(clone, "init", "-q")
            (clone / "kept.txt").write_text("one\ntwo\n")
            (clone / ".gitignore").write_text("ignored\n")
            git(clone, "add", "-A")
            git(clone, "-c", "user.name=n", "-c", "user.email=e@e", "commit", "-qm", "begin")

    @property
    def first(self) -> Path:
        return self.root / "first"

    @property
    def second(self) -> Path:
        return self.root / "second"

    def job(self, directory: Path, key: str = "it-1", prompt: str = "Do it.", iteration: int = 1) -> Job:
        return Job(key, prompt, directory, self.root / f"{directory.name}.log", iteration, "T-1")

    def record(self, do: Work, key: str = "it-1", prompt: str = "Do it.", **more: Any) -> Execution:
        agent = Recording(Worker(do, **more), self.file, Redactor({"API_KEY": "sekret-value-1"}))
        return run(agent, self.job(self.first, key, prompt))

    def replay(self, agent: Agent | None = None, key: str = "it-1", prompt: str = "Do it.") -> Execution:
        return run(agent or Replaying(self.file), self.job(self.second, key, prompt), close=agent is None)


def git(directory: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=directory, check=True, capture_output=True, text=True).stdout


def run(agent: Agent, job: Job, heard: list[tuple[str, dict[str, Any]]] | None = None, *, close: bool = True) -> Execution:
    async def work() -> Execution:
        try:
            return await agent.work(job, lambda kind, data: None if heard is None else heard.append((kind, data)))
        finally:
            if close:
                await agent.close()

    return asyncio.run(work())


def says(text: str) -> Work:
    return lambda job, heard: text


def files(directory: Path) -> dict[str, bytes | str]:
    """Every file below a directory but git's: its content, or where a link leads."""
    found: dict[str, bytes | str] = {}
    for path in sorted(directory.rglob("*")):
        if ".git" not in path.parts and (path.is_file() or path.is_symlink()):
            found[str(path.relative_to(directory))] = str(path.readlink()) if path.is_symlink() else path.read_bytes()
    return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


class TestAnAnswer:
    def test_comes_again_with_all_that_is_known_of_it(self, place: Place) -> None:
        first = place.record(says("done"))

        again = place.replay()

        assert again == first
        assert (place.root / "second.log").read_text() == "done\n"

    def test_comes_with_what_was_heard_meanwhile(self, place: Place) -> None:
        place.record(says("done"))
        heard: list[tuple[str, dict[str, Any]]] = []

        run(Replaying(place.file), place.job(place.second), heard)

        assert heard == [("agent.output", {"text": "one two", "agent": "worker"})]

    def test_is_on_record_as_one_line_with_its_key_and_its_prompt(self, place: Place) -> None:
        place.record(says("done"), prompt='a "b"\n$(c)')

        (line,) = place.file.read_text().splitlines()
        call = json.loads(line)
        assert (call["key"], call["prompt"], call["iteration"], call["task"]) == ("it-1", 'a "b"\n$(c)', 1, "T-1")
        assert call["agent"] == {"name": "worker", "kind": "command", "provider": "fake-agent", "model": "default"}
        assert call["execution"]["usd"] == 0.25

    def test_is_that_of_its_key_and_prompt_over_many_iterations_in_any_order(self, place: Place) -> None:
        for number in range(5):
            place.record(says(f"answer {number}"), f"it-{number}", f"prompt {number}")
        tape = Replaying(place.file)

        for number in (3, 0, 4, 1, 2):
            assert place.replay(tape, f"it-{number}", f"prompt {number}").message == f"answer {number}"

    def test_is_the_one_with_the_prompt_where_a_key_stands_twice(self, place: Place) -> None:
        place.record(says("a"), "it-1", "first")
        place.record(says("b"), "it-1", "second")
        tape = Replaying(place.file)

        assert [place.replay(tape, "it-1", prompt).message for prompt in ("second", "first")] == ["b", "a"]

    def test_to_another_prompt_comes_with_a_note(self, place: Place) -> None:
        place.record(says("a"))

        assert place.replay(prompt="changed").notes == ("a note", "line 1 was recorded for another prompt")

    def test_of_another_key_comes_in_order_with_a_note(self, place: Place) -> None:
        place.record(says("a"), "x-1")
        place.record(says("b"), "x-2")
        tape = Replaying(place.file)

        replies = [place.replay(tape, key) for key in ("it-1", "it-2")]

        assert [reply.message for reply in replies] == ["a", "b"]
        assert replies[0].notes[-1] == "line 1 was recorded for x-1, and is given for it-1, as the next in order"

    def test_is_given_once_and_the_call_that_gets_none_is_named(self, place: Place) -> None:
        place.record(says("a"))
        tape = Replaying(place.file)
        place.replay(tape)

        with pytest.raises(InvalidInput) as caught:
            place.replay(tape, "it-2")

        assert caught.value.code == "replay.exhausted"
        assert caught.value.message == f"{place.file} holds no call left for it-2 (iteration 1, task T-1)"

    def test_that_was_given_before_a_resume_is_not_given_again(self, place: Place) -> None:
        for number in range(3):
            place.record(says(f"answer {number}"), f"x-{number}")

        resumed = Replaying(Tape(place.file, done=(Given("x-0", "T-1"), Given("other", "T-1"))))

        assert place.replay(resumed, "y").message == "answer 2"

    def test_is_that_of_the_agent_where_several_had_the_same_to_do(self, place: Place) -> None:
        other = AgentSpec("other", "command", "fake-agent", "x")
        place.record(says("of worker"))
        place.record(says("of other"), spec=other)
        tape = Tape(place.file)

        assert place.replay(Replaying(tape, other)).message == "of other"
        assert place.replay(Replaying(tape, SPEC)).message == "of worker"

    def test_is_given_once_to_agents_that_work_at_the_same_time(self, place: Place) -> None:
        for number in range(8):
            place.record(says(f"answer {number}"), f"it-{number}")
        tape = Tape(place.file)

        async def all_at_once() -> list[Execution]:
            agents = [Replaying(tape) for _ in range(8)]
            jobs = [place.job(place.second, f"it-{number}") for number in range(8)]
            return await asyncio.gather(*(agent.work(job, print) for agent, job in zip(agents, jobs, strict=True)))

        assert [one.message for one in asyncio.run(all_at_once())] == [f"answer {number}" for number in range(8)]


class TestAFailure:
    @pytest.mark.parametrize(
        "error",
        [
            WaitError("hit your limit", provider="p", model="m", status=429, retry_after=12.5, partial="so far", hint="wait"),
            DailyQuotaError("used up", provider="p", model="m"),
            AuthError("log in", provider="p", model="m", status=401),
            LimitReached("agent.turns", "50 turns", cause="too many", hint="more"),
            InvalidInput("loop.agent_idle", "said nothing"),
        ],
        ids=lambda error: error.code,
    )
    def test_comes_again_as_what_it_was(self, place: Place, error: CoworkError) -> None:
        with pytest.raises(type(error)):
            place.record(lambda job, heard: error)

        with pytest.raises(CoworkError) as caught:
            place.replay()

        assert type(caught.value) is type(error)
        assert {**vars(caught.value), "__notes__": 0} == {**vars(error), "__notes__": 0}

    def test_comes_with_the_changes_that_were_made_before_it(self, place: Place) -> None:
        def half(job: Job, heard: Heard) -> CoworkError:
            (job.directory / "half.txt").write_text("half")
            return WaitError("limited", provider="p", model="m")

        with pytest.raises(WaitError):
            place.record(half)
        with pytest.raises(WaitError):
            place.replay()

        assert (place.second / "half.txt").read_text() == "half"

    def test_of_another_kind_and_being_cancelled_are_no_calls(self, place: Place) -> None:
        def bug(job: Job, heard: Heard) -> str:
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            place.record(bug)

        assert not place.file.exists()


def everything(job: Job, heard: Heard) -> str:
    """Changes of every kind."""
    place = job.directory
    (place / "kept.txt").write_text("one\nTWO\n")
    (place / "deep" / "er").mkdir(parents=True)
    (place / "deep" / "er" / "new.txt").write_text("no newline at the end")
    (place / "binary").write_bytes(bytes(range(256)) * 10)
    (place / "latin").write_bytes(b"caf\xe9\r\n")
    (place / 'Grüße "x"\n.txt').write_text("é")
    (place / "run.sh").write_text("#!/bin/sh\n")
    (place / "run.sh").chmod(0o755)
    (place / "link").symlink_to("kept.txt")
    (place / "empty").touch()
    (place / "ignored").write_text("not on record")
    return "done"


class TestChanges:
    def test_of_every_kind_are_made_again(self, place: Place) -> None:
        place.record(everything)

        place.replay()

        assert files(place.second) == {name: text for name, text in files(place.first).items() if name != "ignored"}
        assert os.access(place.second / "run.sh", os.X_OK)

    def test_of_many_calls_are_made_one_upon_the_other(self, place: Place) -> None:
        for number in range(4):

            def add(job: Job, heard: Heard, number: int = number) -> str:
                with (job.directory / "kept.txt").open("a") as stream:
                    stream.write(f"{number}\n")
                (job.directory / f"{number - 1}.bin").unlink(missing_ok=True)
                (job.directory / f"{number}.bin").write_bytes(b"\0" * number + b"x")
                return str(number)

            place.record(add, f"it-{number}")
        tape = Replaying(place.file)

        for number in range(4):
            place.replay(tape, f"it-{number}")

        assert files(place.second) == files(place.first)

    def test_are_those_of_the_call_and_not_what_was_there_before(self, place: Place) -> None:
        (place.first / "mine.txt").write_text("uncommitted")
        place.record(lambda job, heard: ((job.directory / "theirs.txt").write_text("x") and "done") or "")

        place.replay()

        assert "mine.txt" not in files(place.second)
        assert "theirs.txt" in files(place.second)

    def test_are_seen_without_touching_the_repository(self, place: Place) -> None:
        before = {path: path.read_bytes() for path in (place.first / ".git").rglob("*") if path.is_file()}

        place.record(everything)

        assert {path: path.read_bytes() for path in (place.first / ".git").rglob("*") if path.is_file()} == before

    def test_are_seen_without_running_what_the_project_brings_along(self, place: Place) -> None:
        evil = place.root / "evil"
        for key in ("filter.x.clean", "filter.x.smudge", "core.fsmonitor", "diff.x.textconv", "diff.external"):
            git(place.first, "config", key, f"touch {evil}; cat")
        (place.first / ".gitattributes").write_text("* filter=x diff=x\n")

        place.record(everything)
        place.replay()

        assert not evil.exists()
        assert (place.second / "latin").read_bytes() == b"caf\xe9\r\n"

    def test_are_seen_in_a_directory_that_is_no_repository(self, tmp_path: Path) -> None:
        bare = [tmp_path / "a", tmp_path / "b"]
        for directory in bare:
            directory.mkdir()
        run(Recording(Worker(everything), tmp_path / "f"), Job("k", "p", bare[0], tmp_path / "o", 1))

        run(Replaying(tmp_path / "f"), Job("k", "p", bare[1], tmp_path / "o", 1))

        assert files(bare[1]) == files(bare[0])

    def test_of_the_record_itself_are_none(self, place: Place) -> None:
        place.file = place.first / "calls.jsonl"

        def while_another_is_recorded(job: Job, heard: Heard) -> str:
            place.file.write_text("")
            return "a"

        place.record(while_another_is_recorded)

        assert [call.changes for call in read(place.file)] == [b""]

    def test_that_do_not_fit_are_refused_and_nothing_is_changed(self, place: Place) -> None:
        place.record(everything)
        (place.second / "kept.txt").write_text("something else\n")
        before = files(place.second)

        with pytest.raises(Conflict) as caught:
            place.replay()

        assert caught.value.code == "replay.does_not_apply"
        assert "kept.txt" in (caught.value.cause or "")
        assert files(place.second) == before

    @pytest.mark.parametrize("target", ["../out.txt", "/tmp/cowork-out.txt", ".git/hooks/post-commit", "a/../../out.txt"])
    def test_never_reach_out_of_the_directory(self, place: Place, target: str) -> None:
        forge(place, target)

        with pytest.raises(Conflict):
            place.replay()

        assert not (place.root / "out.txt").exists()
        assert not Path("/tmp/cowork-out.txt").exists()
        assert not (place.second / ".git" / "hooks" / "post-commit").exists()

    def test_never_go_through_a_link(self, place: Place) -> None:
        (place.root / "outside").mkdir()
        (place.second / "way").symlink_to(place.root / "outside")
        forge(place, "way/out.txt")

        with pytest.raises(Conflict):
            place.replay()

        assert list((place.root / "outside").iterdir()) == []

    def test_never_go_through_a_link_that_they_make_themselves(self, place: Place) -> None:
        (place.root / "outside").mkdir()
        link = f"diff --git a/way b/way\nnew file mode 120000\n--- /dev/null\n+++ b/way\n@@ -0,0 +1 @@\n+{place.root}/outside\n"
        forge(place, "way/out.txt", link + "\\ No newline at end of file\n")

        with pytest.raises(Conflict):
            place.replay()

        assert list((place.root / "outside").iterdir()) == []

    def test_that_are_too_large_are_not_made_up_for(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("cowork.loop.agents.changes.LARGEST_PATCH", 10)
        place.record(everything)

        with pytest.raises(Conflict, match="cannot be made") as caught:
            place.replay()

        assert "they were not recorded: they are" in (caught.value.cause or "")


def forge(place: Place, target: str, before: str = "") -> None:
    """A record whose changes write to a path."""
    place.record(says("done"))
    call = json.loads(place.file.read_text())
    head = f"diff --git a/{target} b/{target}\nnew file mode 100644\n--- /dev/null\n+++ b/{target}\n"
    call["changes"] = f"{before}{head}@@ -0,0 +1 @@\n+evil\n"
    place.file.write_text(json.dumps(call) + "\n")


class TestTheFile:
    def test_holds_no_secret(self, place: Place) -> None:
        def leak(job: Job, heard: Heard) -> str:
            heard("agent.output", {"text": "sekret-value-1"})
            (job.directory / "leak.txt").write_text("key: sekret-value-1\n")
            return "sekret-value-1"

        place.record(leak, prompt="use sekret-value-1")
        with pytest.raises(WaitError):
            place.record(lambda job, heard: WaitError("sekret-value-1", provider="p", model="m"))

        assert "sekret-value-1" not in place.file.read_text()
        place.replay(prompt="use sekret-value-1")
        assert (place.second / "leak.txt").read_text() == "key: [redacted:API_KEY]\n"

    def test_may_end_in_a_line_that_a_crash_cut_off(self, place: Place) -> None:
        place.record(says("a"))
        whole = place.file.read_bytes()
        for cut in (1, len(whole) // 2, len(whole) - 1):
            place.file.write_bytes(whole + whole[:cut])
            assert len(read(place.file)) == 1

    def test_is_mended_by_the_next_call(self, place: Place) -> None:
        place.record(says("a"), "1")
        place.file.write_bytes(place.file.read_bytes() * 2 + b'{"schema": "cow' + b"x" * 200_000)

        place.record(says("b"), "2")

        assert [call.key for call in read(place.file)] == ["1", "1", "2"]

    @pytest.mark.parametrize(
        "line", ["{", "[]", "3", '"x"', "{}", '{"schema": "other/1"}', "\\xff", "[" * 20_000, '{"schema": ["x"]}']
    )
    def test_with_a_wrong_line_is_refused_with_its_number(self, place: Place, line: str) -> None:
        place.record(says("a"))
        place.file.write_text(place.file.read_text() + line + "\n" + place.file.read_text())

        with pytest.raises(InvalidInput) as caught:
            Replaying(place.file)

        assert caught.value.code == "replay.corrupt"
        assert caught.value.message == f"{place.file}:2: this is no recorded call"

    @pytest.mark.parametrize(
        "kind",
        ["run.completed", "task.completed", "iteration.completed", "completion.accepted", "run.degraded", "limits.changed"],
    )
    def test_that_tells_how_the_run_stands_is_refused(self, place: Place, kind: str) -> None:
        place.record(says("a"))
        call = json.loads(place.file.read_text())
        place.file.write_text(
            json.dumps({**call, "events": [*call["events"], [kind, {"reason": "done", "message": "so"}]]}) + "\n"
        )

        with pytest.raises(InvalidInput) as caught:
            Replaying(place.file)

        assert (caught.value.code, kind in (caught.value.cause or "")) == ("replay.corrupt", True)

    @settings(max_examples=60, deadline=None)
    @given(data=st.data())
    def test_whatever_a_call_holds_it_is_read_or_refused(
        self, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
    ) -> None:
        good = {
            "schema": "cowork.recorded_call/1", "key": "k", "digest": "d", "prompt": "p", "iteration": 1, "task": None,
            "agent": {"name": "n", "kind": "command", "provider": "p", "model": "m"}, "events": [["a", {}]], "changes": "",
            "execution": {
                "message": "m", "exit_code": 0, "usd": None, "model": "m", "seconds": 1, "notes": [],
                "usage": {"input_tokens": 1, "output_tokens": 1, "source": "x", "cached_input_tokens": 0},
            },
        }  # fmt: skip
        values = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
        where = data.draw(st.sampled_from([good, good["agent"], good["execution"]]))
        assert isinstance(where, dict)
        where[data.draw(st.sampled_from(sorted(where)))] = data.draw(values | st.dictionaries(st.text(max_size=3), values))
        file = tmp_path_factory.mktemp("fuzz") / "f"
        file.write_text(json.dumps(good) + "\n")

        try:
            read(file)
        except InvalidInput as error:
            assert error.code == "replay.corrupt"

    def test_that_is_missing_says_how_to_make_one(self, place: Place) -> None:
        with pytest.raises(InvalidInput) as caught:
            Replaying(place.file)

        assert (caught.value.code, caught.value.hint) == ("replay.unreadable", "make one with --record FILE")

    def test_that_is_too_large_is_refused(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        place.record(says("a"))
        monkeypatch.setattr("cowork.loop.agents.replaying._MOST_BYTES", 10)

        with pytest.raises(InvalidInput, match="larger than 10 bytes"):
            Replaying(place.file)

    def test_holds_whole_lines_whoever_writes_at_the_same_time(self, tmp_path: Path) -> None:
        lines = [json.dumps([number] * 2000).encode() + b"\n" for number in range(60)]

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(lambda line: append(tmp_path / "f", line), lines))

        assert sorted((tmp_path / "f").read_bytes().splitlines(keepends=True)) == sorted(lines)

    def test_that_cannot_be_written_is_said(self, place: Place) -> None:
        place.file.mkdir()

        with pytest.raises(CoworkError) as caught:
            place.record(says("a"))

        assert caught.value.code == "file.not_writable"


def test_closing_closes_the_agent_and_leaves_nothing_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    temporary = place.root / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    worker = Worker(everything)

    run(Recording(worker, place.file), place.job(place.first))
    place.replay()

    assert worker.closed
    assert list(temporary.iterdir()) == []
