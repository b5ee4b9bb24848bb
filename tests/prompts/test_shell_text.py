"""Values in a shell block are data: proven with bash itself and programs that print what they were given."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.core.errors import InvalidInput
from cowork.prompts.arguments import Arguments
from cowork.prompts.shell_text import place
from cowork.prompts.variables import Variables, of
from cowork.prompts.words import as_data

NONE = Variables({})
Shell = Callable[[str], list[list[str]]]


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Runs a command in a directory where `stub` records its arguments, and answers with every record."""
    base = tmp_path_factory.mktemp("stubs")
    stub = base / "stub"
    one_at_a_time = f'until mkdir "{base}/lock" 2>/dev/null; do :; done'  # the two ends of a pipe run together
    stub.write_text(f'#!/bin/bash\n{one_at_a_time}\nprintf "%s\\0" "$#" "$@" >> record\nrmdir "{base}/lock"\n')
    stub.chmod(0o755)
    work = base / "work"
    work.mkdir()

    def run(command: str) -> list[list[str]]:
        record = work / "record"
        record.unlink(missing_ok=True)
        env = {"PATH": f"{base}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8"}
        done = subprocess.run(["bash", "-c", command], cwd=work, env=env, capture_output=True, timeout=20)
        assert done.returncode == 0, (command, done.stderr)
        assert {path.name for path in work.iterdir()} <= {"record", "target"}, command
        fields = record.read_bytes().split(b"\0")[:-1] if record.exists() else []
        found = []
        while fields:
            count = int(fields[0])
            found.append([os.fsdecode(field) for field in fields[1 : count + 1]])
            fields = fields[count + 1 :]
        return found

    return run


VALUES = st.text(alphabet="ab '\"\\$()`;|&<>#\n\t{}*~!=-%é0", max_size=25) | st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=15
)
ATTACKS = [
    "a; touch P",
    "$(touch P)",
    "`touch P`",
    'x"; touch P; echo "y',
    "x'; touch P; echo 'y",
    "\n touch P\n",
    "a\\",
    "'",
    '"',
    "2",
    "-rf",
    "~root *",
    "!`touch P`",
    "${x:=y}",
    "\\'; touch P #",
    "a && touch P & touch Q",
    "<(touch P) >P",
    "a[$(touch P)]",
]


def check(text: str, shell: Shell) -> None:
    """The value in every place that one may stand in, given as the named argument `v` and as the whole text."""
    quoted = Arguments("'" + text.replace("'", "'\"'\"'") + "'", names=("v",))
    word = quoted.named["v"]
    whole = Arguments(text)

    def runs(command: str, arguments: Arguments) -> list[list[str]]:
        return shell(place(command, arguments, NONE))

    both = 'stub a $v "b $v c" \'d $v\' e$v.f; stub $v && stub x "$v" | stub \'$v\'\n! [ -n "$v" ] || stub -- $v'
    expected = [["a", word, f"b {word} c", f"d {word}", f"e{word}.f"], [word]]
    found = runs(both, quoted)
    assert found[:2] == expected
    assert sorted(found[2:4]) == sorted([["x", word], [word]])
    assert found[4:] == [["--", word]] * (word != "")
    assert runs("stub $v>target 2>&1; stub $v", quoted) == [[word], [word]]
    assert runs("stub \"$ARGUMENTS\" x$ARGUMENTS '$ARGUMENTS'", whole) == [[text, f"x{text}", text]]
    assert runs("stub a $ARGUMENTS b", whole) == [["a", *as_data(text), "b"]]
    assert runs("stub $ARGUMENTS>target", whole) == [[*as_data(text)]]


@pytest.mark.parametrize("text", ATTACKS)
def test_an_attack_is_an_argument(text: str, shell: Shell) -> None:
    check(text, shell)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=VALUES)
def test_no_value_changes_what_a_command_does(text: str, shell: Shell) -> None:
    check(text, shell)
    whole = Arguments(text)
    assert shell(place("stub \"$ARGUMENTS\" 'a $ARGUMENTS'", whole, NONE)) == [[text, f"a {text}"]]
    assert shell(place("stub -x $ARGUMENTS", whole, NONE)) == [["-x", *as_data(text)]]


AUTHORS = st.text(alphabet="ab '\"\\$()`;|&<>#\n{}[]=V", max_size=25)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=AUTHORS, attack=st.sampled_from(ATTACKS))
def test_whatever_the_author_wrote_a_value_makes_no_file(body: str, attack: str, tmp_path: Path) -> None:
    command = "stub " + body.replace("V", "$v")
    quoted = Arguments("'" + attack.replace("'", "'\"'\"'") + "'", names=("v",))
    try:
        text = place(command, quoted, NONE)
    except InvalidInput as error:
        assert error.code in ("prompt.unsafe_placeholder", "prompt.unsafe_value")
        return
    subprocess.run(
        ["bash", "-c", text],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        timeout=20,
        stdin=subprocess.DEVNULL,
    )
    assert not (tmp_path / "P").exists(), text


@pytest.mark.parametrize(
    "command",
    [
        "$0",
        "$0 x",
        "ls; $0",
        'ls && "$0"',
        "X=$0 ls",
        "x=$0",
        "eval $0",
        'eval "$0"',
        ". $0",
        "source ./$0",
        "exec $0",
        "trap $0 EXIT",
        "let $0",
        "declare x=$0",
        "export x=$0",
        "read $0",
        "unset $0",
        "printf $0",
        "printf -v $0 x",
        "[ $0 ]",
        "[ -v $0 ]",
        "[ -n $ARGUMENTS ]",
        "[[ $0 -eq 1 ]]",
        "[[ 1 -eq $0 ]]",
        "(( $0 ))",
        "echo $(( $0 ))",
        "echo $[ $0 ]",
        "echo $(echo $0)",
        "echo `echo $0`",
        'echo "$(echo $0)"',
        "echo ${x:-$0}",
        "echo $'$0'",
        "echo $$0",
        "cat <(echo $0)",
        "cat <<E\n$0\nE",
        "cat <<E\nls $0\nE",
        "f() { ls $0; }",
        "function f { ls $0; }",
        "x=(a $0)",
        "for x in $0; do ls; done",
        "case $0 in a) ls;; esac",
        "bash -c $0",
        "bash -c 'ls $0'",
        "bash $0",
        '/bin/sh -xc "$0"',
        "python3 -c 'print($0)'",
        "awk '{print $0}' x",
        "sed s/$0/x/ f",
        "node -e $0",
        "xargs $0",
        "env $0",
        "sudo ls $0",
        "ssh host $0",
        "timeout $0 ls",
        "timeout 5 $0",
        "timeout 5 eval $0",
        "time -p let $0",
        "if let $0; then ls; fi",
        "! let $0",
        "{ let $0; }",
        "ls > x; let $0",
        "git bisect run sh -c $0",
        "$CMD $0",
        "echo $(echo # it's\n) ') \"$0\" '",
        "ls >& '$0'",
        'ls 2>&"a$0"',
        "cat <&$0",
        "ls >&\n$0",
    ],
)
def test_where_a_value_would_be_code_the_command_is_refused(command: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        place(command, Arguments("value"), NONE)
    assert refused.value.code == "prompt.unsafe_placeholder"
    assert refused.value.details["command"] == command


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("bash x.sh $0", "bash x.sh value"),
        ("timeout 5 git log $0", "timeout 5 git log value"),
        ("if grep -q $0 f; then stub $0; fi", "if grep -q value f; then stub value; fi"),
        ('[[ -n "$0" ]]', '[[ -n "value" ]]'),
        ("stub ${HOME} $0", "stub ${HOME} value"),
        ("stub # about $0\nstub $0", "stub # about $0\nstub value"),
        ("stub <<< $0", "stub <<< value"),
        ("awk '{print \\$0}' $ARGUMENTS[0]", None),
        ("stub \\$0 $0", "stub $0 value"),
        ("echo $5 $0", "echo $5 value"),
    ],
)
def test_where_a_value_is_data_it_is_placed(command: str, text: str | None) -> None:
    if text is None:
        with pytest.raises(InvalidInput):
            place(command, Arguments("value"), NONE)
    else:
        assert place(command, Arguments("value"), NONE) == text


def test_the_programs_own_variables_may_name_the_command() -> None:
    known = of("skill", project="/p", plugin_root="/pl ug/'in", skill_directory="/s")
    assert place('"${CLAUDE_PLUGIN_ROOT}/run.sh" $0', Arguments("x"), known) == '""\'/pl ug/\'"\'"\'in\'"/run.sh" x'
    assert place("${CLAUDE_SKILL_DIR}/x $(ls ${CLAUDE_SKILL_DIR})", Arguments(), known) == "'/s'/x $(ls /s)"
    with pytest.raises(InvalidInput):
        place("ls $(ls ${CLAUDE_PLUGIN_ROOT})", Arguments(), known)


@pytest.mark.parametrize("value", ["a\0b", "a\ud800b", "x" * 200_000])
def test_a_value_no_program_takes_is_refused(value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        place("stub $ARGUMENTS", Arguments(value), NONE)
    assert refused.value.code == "prompt.unsafe_value"
