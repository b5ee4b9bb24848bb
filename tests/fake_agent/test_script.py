"""A script is judged before it is followed: every mistake with file, call and key, and what was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.fake_agent.script import ScriptError, parse
from cowork.fake_agent.steps import STEPS
from tests.fake_agent.running import Stage

PATH = Path("s.yaml")


def problems(text: str) -> list[str]:
    with pytest.raises(ScriptError) as caught:
        parse(text.encode(), PATH)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("calls: [{sya: x}]", "s.yaml: call 1: 'sya' is no key (did you mean 'say'?)"),
        ("calls: [{say: a}, {say: {txt: x}}]", "s.yaml: call 2: say: 'txt' is no key (did you mean 'text'?)"),
        ("calls: [{say: {pieces: 2}}]", "s.yaml: call 1: say: lacks text"),
        ("calls: [{say: 3}]", "s.yaml: call 1: say.text must be text"),
        ("calls: [{say: {text: a, pieces: 0}}]", "s.yaml: call 1: say.pieces must be a whole number from 1 to 10000"),
        ("calls: [{match: '['}]", "s.yaml: call 1: match is no regular expression: unterminated character set at position 0"),
        ("calls: [{repeat: 0}]", "s.yaml: call 1: repeat must be a number from 1, or always"),
        ("calls: [{repeat: true}]", "s.yaml: call 1: repeat must be a number from 1, or always"),
        ("calls: [{write: {path: ../x}}]", "s.yaml: call 1: write.path must lie in the working directory"),
        ("calls: [{delete: /etc/passwd}]", "s.yaml: call 1: delete.path must lie in the working directory"),
        ("calls: [{exit: 0, say: x}]", "s.yaml: call 1: say comes after exit, which ends it"),
        ("calls: [{exit: 256}]", "s.yaml: call 1: exit.code must be a whole number from 0 to 255"),
        ("calls: [{crash: FOO}]", "s.yaml: call 1: crash.signal must be a signal, such as KILL or 9"),
        ("calls: [{do: [{say: a}, {hnag: true}]}]", "s.yaml: call 1: do[2]: 'hnag' is no key (did you mean 'hang'?)"),
        ("calls: [{do: 3}]", "s.yaml: call 1: do must be a list of steps"),
        ("calls: [{subagent: {do: [{exit: 1}]}}]", "s.yaml: call 1: subagent: do[1]: 'exit' is no key (see --explain)"),
        ("calls: [{usage: {inptu: 1}}]", "s.yaml: call 1: usage.inptu is no key (did you mean 'input'?)"),
        ("calls: [{usd: -1}]", "s.yaml: call 1: usd must be a number from 0"),
        ("calls: [{usd: .nan}]", "s.yaml: call 1: usd must be a number from 0"),
        ("calls: [{rate_limit: {form: loud}}]", "s.yaml: call 1: rate_limit.form must be one of structured, words, stderr"),
        ("calls: [3]", "s.yaml: call 1: must be a mapping"),
        ("calls: {}", "s.yaml: calls must be a list"),
        ("cals: []", "s.yaml: 'cals' is no key (did you mean 'calls'?)"),
        ("calls: []\notherwise: maybe", "s.yaml: otherwise must be fail, last, or a call"),
        ("calls: []\notherwise: {match: x, say: y}", "s.yaml: otherwise: takes no match and no task"),
        ("calls: []\nversion: 2", "s.yaml: version must be 1"),
        ("[]", "s.yaml: must be a mapping with the key calls"),
    ],
)
def test_a_mistake_is_named(text: str, problem: str) -> None:
    assert problem in problems(text)


def test_all_mistakes_are_named_at_once() -> None:
    assert len(problems("calls: [{sya: x}, {exit: many}]\nmodle: m")) == 3


@pytest.mark.parametrize("text", ["calls: [{say: a, say: b}]", '{"calls": [{"say": "a", "say": "b"}]}'])
def test_a_key_that_stands_twice_is_a_mistake_as_it_would_lose_a_step(text: str) -> None:
    assert "the key 'say' stands twice" in problems(text)[0]


@pytest.mark.parametrize("text", ["calls: [", '{"calls": [}', "\x00", "a: !!python/object/apply:os.system [id]", "[" * 50_000])
def test_what_cannot_be_parsed_is_refused(text: str) -> None:
    assert problems(text)[0].startswith("s.yaml: cannot be parsed: ")


def test_steps_keep_the_order_in_which_they_are_written() -> None:
    call = parse(b"calls: [{say: a, do: [{write: {path: f}}, {say: b}], stderr: c}]", PATH).calls[0]

    assert [name for name, _ in call.steps] == ["say", "write", "say", "stderr"]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*STEPS, "do", "text", "path", "match", "code", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_VALUES, _VALUES)
def test_whatever_a_script_holds_it_is_read_or_refused(calls: Any, otherwise: Any) -> None:
    raw = json.dumps({"calls": calls, "otherwise": otherwise}).encode()

    try:
        parse(raw, PATH)
    except ScriptError as error:
        assert all(problem.startswith("s.yaml: ") for problem in error.problems)


@given(st.binary(max_size=60))
def test_whatever_bytes_a_file_holds_they_are_read_or_refused(raw: bytes) -> None:
    try:
        parse(raw, PATH)
    except ScriptError as error:
        assert error.problems


class TestTheProgram:
    def test_checks_a_script_and_does_nothing(self, stage: Stage) -> None:
        stage.write({"write": {"path": "a"}}, {"say": "x"})

        ran = stage.call("", "--check", str(stage.script))

        assert (ran.code, ran.out) == (0, f"{stage.script}: 2 calls, nothing is wrong\n")
        assert list(stage.work.iterdir()) == []

    def test_refuses_a_wrong_script_before_it_does_anything(self, stage: Stage) -> None:
        stage.write({"write": {"path": "a"}, "sya": "x"})

        ran = stage.call()

        assert (ran.code, ran.out) == (4, "")
        assert "call 1: 'sya' is no key (did you mean 'say'?)" in ran.err
        assert list(stage.work.iterdir()) == []

    def test_says_which_script_is_missing(self, stage: Stage) -> None:
        assert "cannot be read: No such file" in stage.call().err
        assert "which script?" in stage.call(COWORK_FAKE_AGENT="").err

    def test_explains_every_step(self, stage: Stage) -> None:
        ran = stage.call("", "--explain")

        assert all(f"\n  {name}: " in ran.out for name in STEPS)

    @pytest.mark.parametrize(
        ("argv", "words"),
        [
            (["--scirpt", "x"], "there is no option --scirpt (did you mean '--script'?)"),
            (["--script"], "--script needs a value"),
            (["--dialect", "latin"], "--dialect must be one of claude, text"),
        ],
    )
    def test_refuses_options_that_are_nearly_its_own(self, stage: Stage, argv: list[str], words: str) -> None:
        ran = stage.call("", *argv)

        assert ran.code == 2
        assert words in ran.err

    def test_takes_no_notice_of_the_options_of_other_agents(self, stage: Stage) -> None:
        stage.write({"say": "x"})

        assert stage.call("", "--print", "--verbose", "--output-format", "stream-json", "--model=m").code == 0
