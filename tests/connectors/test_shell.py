"""Shell connectors through a real shell: values are data, wherever the command puts them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cowork.connectors import process
from cowork.connectors.secrets import Secrets
from cowork.connectors.shell import prepare, rewrite
from cowork.connectors.shell_words import MAX_COMMAND
from cowork.core.errors import CoworkError, InvalidInput
from cowork.core.processes import MARK
from tests.connectors.samples import HOSTILE, SECRET, call, shell, values, write_pack

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
PLACES = (
    "{{a}} x{{a}}y '{{a}}' \"{{a}}\" 'p{{a}}\"q' \"r{{a}}'s\" \"{{a}}{{b}}\" '{{b}}''{{a}}' \\'{{b}} \"\\\"{{b}}\" $'{{a}}'"
)
"""A template in every kind of quotes, followed by what dash and bash read alike; the last by bash alone."""


def run(directory: Path, command: str, given: dict[str, Any], secrets: dict[str, str] | None = None) -> process.Ended:
    held = Secrets(secrets or {})
    job = prepare(command, None, directory, values(given, secrets), held, os.environ, 10)
    return process.run(job)


def printed(directory: Path, words: str, given: dict[str, Any], secrets: dict[str, str] | None = None) -> list[str]:
    """The words of a command as a program receives them."""
    ended = run(directory, f"printf -- '%s\\0' {words}", given, secrets)
    assert (ended.exit_code, ended.stderr) == (0, b"")
    return ended.stdout.decode().split("\0")[:-1]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_hostile_value_is_one_word_in_any_quotes(tmp_path: Path, value: str) -> None:
    box = tmp_path / "box"
    box.mkdir()
    (box / "file").touch()
    places = PLACES.rpartition(" ")[0]

    found = printed(box, places, {"a": value, "b": "B"})

    assert found == [value, f"x{value}y", value, value, f'p{value}"q', f"r{value}'s", value + "B", "B" + value, "'B", '"B']
    assert [path.name for path in box.iterdir()] == ["file"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=TEXT, second=TEXT)
def test_any_value_arrives_exactly(tmp_path: Path, first: str, second: str) -> None:
    places = PLACES.rpartition(" ")[0]

    found = printed(tmp_path, places, {"a": first, "b": second})

    expected = [first, f"x{first}y", first, first, f'p{first}"q', f"r{first}'s", first + second, second + first]
    assert found == [*expected, "'" + second, '"' + second]


PARTS = (
    "echo ",
    "x",
    "'",
    '"',
    "`",
    "$(",
    ")",
    "${",
    "}",
    "\\",
    "#",
    "\n",
    "; ",
    "<<E\n",
    "E\n",
    "$",
    "{{v}}",
    "{{v}} ",
    " ",
    "=",
)
ATTACKS = (
    "$(: >pwned)",
    "`: >pwned`",
    "; : >pwned;",
    '"; : >pwned; "',
    "'; : >pwned; '",
    "\n: >pwned\n",
    "}; : >pwned; {",
    "\\",
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.lists(st.sampled_from(PARTS), max_size=12).map("".join), value=st.sampled_from(ATTACKS))
def test_no_command_makes_code_of_a_value(tmp_path: Path, command: str, value: str) -> None:
    directory = tmp_path / "inner"
    directory.mkdir(exist_ok=True)
    try:
        run(directory, f"echo {command}", {"v": value})
    except CoworkError as error:
        assert error.code in ("connector.unsafe_template", "connector.unsafe_value")

    assert not (directory / "pwned").exists()


def test_a_value_may_stand_wherever_a_shell_takes_a_word(tmp_path: Path) -> None:
    assert run(tmp_path, "f() { echo {{x}}; }; set -- other; f 1", {"x": "own"}).stdout == b"own\n"  # not $1 of anybody else
    assert run(tmp_path, "for i in {{x}} {{y}}; do echo $i; done", {"x": "1 2", "y": "3"}).stdout == b"1 2\n3\n"
    assert run(tmp_path, "case {{x}} in a*) echo yes;; esac", {"x": "a b"}).stdout == b"yes\n"
    assert run(tmp_path, "if [ {{x}} = '(' ]; then echo yes; fi 2>&1", {"x": "("}).stdout == b"yes\n"
    assert run(tmp_path, 'A={{x}} sh -c \'echo "$A" "$1"\' _ {{x}}', {"x": "$(id)"}).stdout == b"$(id) $(id)\n"
    assert run(tmp_path, "echo {{x}} >{{file}} && cat {{file}}", {"x": "1", "file": "o u t"}).stdout == b"1\n"
    assert run(tmp_path, "# it's {{x}}\necho {{x}} # and {{x}}", {"x": "'"}).stdout == b"'\n"
    assert run(tmp_path, "echo \"$(date +'%Y')\" {{x}} | cut -d' ' -f2", {"x": "a"}).stdout == b"a\n"
    assert run(tmp_path, "echo {{n}} {{list}} {{no}}.", {"n": 5, "list": [1], "no": None}).stdout == b"5 [1] .\n"
    assert run(tmp_path, "echo '{{.Names}}' {{x}}", {"x": "a"}).stdout == b"{{.Names}} a\n"


UNSAFE = {
    "a substitution": "echo $(echo {{x}})",
    "a substitution in quotes": 'echo "a $(echo "{{x}}")"',
    "a nested substitution": "echo $(a $(b) {{x}})",
    "a substitution after one": "echo $(a) $(b {{x}})",
    "backticks": "echo `echo {{x}}`",
    "backticks in quotes": 'echo "`echo {{x}}`"',
    "arithmetic": "echo $(({{x}} + 1))",
    "an expansion": "echo ${y:-{{x}}}",
    "a process substitution": "cat <(echo {{x}})",
    "a here-document": "cat <<E\n{{x}}\nE",
    "a here-string": "cat <<<{{x}}",
    "after a backslash": "echo \\{{x}}",
    "after a backslash in quotes": 'echo "\\{{x}}"',
    "after a dollar": "echo ${{x}}",
    "after a dollar in quotes": 'echo "${{x}}"',
    "the command": "{{x}} a",
    "the command's directory": "/opt/{{x}}/tool",
    "the command after another": "cd a && {{x}}",
    "the command in a condition": "if {{x}}; then :; fi",
    "the command of a wrapper": "sudo -n {{x}}",
    "the command of a timed wrapper": "timeout 5 {{x}}",
    "the command after an assignment": "A=b {{x}}",
    "the name of an assignment": "{{x}}=1 ls",
    "the target of a duplication": "ls >&{{x}}",
    "the quoted target of a duplication": "ls 2>& '{{x}}'",
    "a part of the source of a duplication": 'cat <&"a{{x}}"',
    "eval": "eval echo {{x}}",
    "eval behind a wrapper": "env A=1 eval echo {{x}}",
    "a sourced file": ". {{x}}",
    "a trap": "trap {{x}} EXIT",
    "a test that computes": "[[ {{x}} -eq 1 ]]",
    "another machine": "ssh host ls {{x}}",
    "a shell's program": "sh -c 'echo {{x}}'",
    "a login shell's program": 'bash -lc "echo {{x}}"',
    "a shell elsewhere": "docker exec c sh -c 'echo {{x}}'",
    "a shell's program after a redirection": "sh 2>&1 -c {{x}}",
    "a shell's file": "sh {{x}}",
    "a shell's option": "bash -{{x}} file",
    "python's program": "python3 -c 'print({{x}})'",
    "perl's program": "perl -ne 'print if /{{x}}/' file",
    "awk's program": "awk '/{{x}}/' file",
    "sed's program": "sed s/a/{{x}}/ file",
    "sed's second program": "sed -e p -e s/a/{{x}}/ file",
    "a query": "psql -c \"select '{{x}}'\"",
}


@pytest.mark.parametrize("command", UNSAFE.values(), ids=UNSAFE)
def test_a_template_where_no_value_is_safe_is_refused_before_anything_runs(home: Path, command: str) -> None:
    for dry_run in (True, False):
        with pytest.raises(InvalidInput) as caught:
            call(home, shell(command), {"x": "1"}, dry_run=dry_run)
        assert (caught.value.code, caught.value.exit_code) == ("connector.unsafe_template", 4)
        assert caught.value.details == {"template": "{{x}}"}


SAFE = {
    "a program that is not read from it": "python3 run.py {{x}}",
    "an argument of a shell's program": "sh -c 'echo \"$1\"' _ {{x}}",
    "a variable of awk": "awk -v a={{x}} '{print a}'",
    "a file of sed": "sed -n p {{x}}",
    "a search here": "find . -name {{x}}",
    "an option's value": "git log --author={{x}}",
    "behind a wrapper": "timeout 5 ls {{x}}",
    "after a substitution": "echo `date` $(date) ${A:-'}'} {{x}}",
    "after two files": "cmd 2>&1 >/dev/null {{x}}",
    "a redirection": "cmd > {{x}}",
    "in parentheses": "(cd {{x}} && ls)",
}


@pytest.mark.parametrize("command", SAFE.values(), ids=SAFE)
def test_a_template_that_is_plain_data_is_accepted(command: str) -> None:
    assert '"${cowork_1}"' in rewrite(command).script


@pytest.mark.parametrize("command", ["ls {{x}}", "ls '{{x}}'", 'ls "{{x}}"', "ls {{no}}{{x}}/a", "ls -l {{x}}"])
@pytest.mark.parametrize("value", ["-rf", "--exec=id", "-", -1])
def test_a_value_that_would_be_an_option_is_refused(home: Path, command: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(home, shell(command), {"x": value, "no": None})

    assert (caught.value.code, caught.value.exit_code) == ("connector.unsafe_value", 4)


@pytest.mark.parametrize("command", ["echo -- {{x}}", "echo a{{x}}", "echo --x={{x}}", "A={{x}} env", "cat </dev/null >{{x}}"])
def test_a_value_that_cannot_be_an_option_may_start_with_a_dash(home: Path, command: str) -> None:
    assert call(home, shell(command), {"x": "-rf"}).exit_code == 0


@pytest.mark.parametrize("value", ["a\0b", "x" * 100_001])
def test_a_value_that_no_process_can_be_given_is_refused(home: Path, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(home, shell("echo {{x}}"), {"x": value})

    assert caught.value.code == "connector.unsafe_value"
    assert len(str(caught.value.__dict__)) < 1000


def test_a_value_that_is_too_long_for_the_system_is_refused(home: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(home, shell("echo {{x}}"), {"x": "€" * 99_999})

    assert caught.value.code == "connector.input_too_large"


@pytest.mark.parametrize("command", ["echo " + "x" * MAX_COMMAND, "echo \0"])
def test_a_command_that_is_too_long_or_binary_is_refused(home: Path, command: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        call(home, shell(command))

    assert caught.value.code == "connector.bad_command"


def test_a_secret_is_in_the_environment_and_nowhere_else(home: Path) -> None:
    done = call(home, shell("echo {{env.KEY}} '<{{env.KEY}}>'; env; tr '\\0' ' ' </proc/$$/cmdline"), environ={"KEY": SECRET})

    assert SECRET not in str(done)
    lines = (done.stdout or "").splitlines()
    assert lines[0] == "{{env.KEY}} <{{env.KEY}}>"
    assert "KEY={{env.KEY}}" in lines
    assert "${KEY}" in lines[-1]


def test_the_environment_is_clean_but_for_what_is_declared(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "other")
    monkeypatch.setenv("LISTED", "given")
    write_pack(home, {**shell("env | cut -d= -f1 | sort"), "env": ["LISTED"]})

    from cowork.connectors.call import call_connector

    names = set((call_connector("it", {})[0].stdout or "").split())

    assert (
        {"PATH", "HOME", "LISTED"}
        <= names
        <= {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LISTED", "PWD", "SHLVL", "_", "OLDPWD", MARK}
    )


def test_a_command_runs_in_its_pack(home: Path) -> None:
    directory = write_pack(home, shell("pwd"))
    (directory / "sub").mkdir()

    assert (call(home, shell("pwd")).stdout or "").strip() == str(directory.resolve())
    assert (call(home, shell("pwd", cwd="sub")).stdout or "").strip() == str((directory / "sub").resolve())
    assert (call(home, shell("pwd", cwd="./sub")).stdout or "").strip() == str((directory / "sub").resolve())


@pytest.mark.parametrize("cwd", ["..", "sub/../..", "/", "/tmp", "~", "missing", "link", "file", "{{x}}", "a\\b"])
def test_a_directory_outside_of_the_pack_is_refused(home: Path, cwd: str) -> None:
    directory = write_pack(home, shell("pwd"))
    (directory / "sub").mkdir()
    (directory / "link").symlink_to("/")
    (directory / "file").touch()

    with pytest.raises(InvalidInput) as caught:
        call(home, shell("pwd", cwd=cwd), {"x": "sub"})

    assert (caught.value.code, caught.value.exit_code) == ("connector.bad_cwd", 4)


def test_a_plan_shows_the_command_and_the_inputs_and_runs_nothing(home: Path, tmp_path: Path) -> None:
    done = call(
        home, shell("touch {{file}} {{env.KEY}}"), {"file": str(tmp_path / "a b")}, environ={"KEY": SECRET}, dry_run=True
    )

    assert (done.dry_run, done.exit_code, done.plan[0].action) == (True, None, "run")
    assert done.plan[0].target == "touch {{file}} {{env.KEY}}"
    assert f"file='{tmp_path}/a b'" in done.plan[0].detail
    assert not (tmp_path / "a b").exists()
    assert SECRET not in str(done)
