"""Script connectors: JSON in, JSON out, by the runtime that the manifest names."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from cowork.core.errors import CoworkError, LimitReached, Unavailable
from tests.connectors.samples import HOSTILE, SECRET, call, script

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="node is not here")
ECHO = {
    "python": "import json, sys; print(json.dumps({'got': json.load(sys.stdin)}))",
    "sh": """printf '{"got": '; cat; printf '}'""",
    "node": "return { got: input };",
}
RUNTIMES = [pytest.param(name, marks=needs_node if name == "node" else ()) for name in ECHO]
GIVEN = {"list": list(HOSTILE), "n": 1.5, "deep": {"a": [None, True]}}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_input_arrives_exactly_and_the_result_comes_back(home: Path, runtime: str) -> None:
    done = call(home, script(ECHO[runtime], runtime), GIVEN)

    assert (done.type, done.exit_code, done.body, done.stderr) == ("script", 0, {"got": GIVEN}, "")
    assert done.stdout is None
    assert done.plan[0].target == f"a script of {len(ECHO[runtime])} characters with {runtime}"


@needs_node
def test_a_script_without_a_runtime_is_javascript(home: Path) -> None:
    definition = script("const { readFile } = require('fs/promises');\nreturn (await readFile('/dev/null')).length + input.n;")
    del definition["script"]["runtime"]

    assert call(home, definition, {"n": 2}).body == 2


@needs_node
@pytest.mark.parametrize(("body", "result"), [("", None), ("return undefined", None), ("return 'é'", "é"), ("return [1]", [1])])
def test_what_javascript_returns_is_the_result(home: Path, body: str, result: Any) -> None:
    assert call(home, script(body or " ", "node")).body == result


@needs_node
def test_what_javascript_logs_does_not_mix_with_its_result(home: Path) -> None:
    done = call(home, script("console.log('noise'); return 1", "node"))

    assert (done.body, done.stderr) == (1, "noise\n")


@needs_node
@pytest.mark.parametrize(
    "body", ["throw new Error('the reason')", "return missing", "return await Promise.reject(new Error('no'))", "{"]
)
def test_javascript_that_fails_is_a_failure(home: Path, body: str) -> None:
    with pytest.raises(CoworkError) as caught:
        call(home, script(body, "node"))

    assert (caught.value.code, caught.value.exit_code) == ("connector.command_failed", 1)
    assert "Error" in caught.value.data.stderr


def test_no_result_is_null(home: Path) -> None:
    assert call(home, script("pass")).body is None


@pytest.mark.parametrize("body", ["print('hello')", "print('{')", "print('NaN')", "print('1 2')", "print('[' * 100000)"])
def test_a_result_that_is_no_json_is_an_error_that_carries_it(home: Path, body: str) -> None:
    with pytest.raises(CoworkError) as caught:
        call(home, script(body))

    assert (caught.value.code, caught.value.exit_code) == ("connector.bad_result", 1)
    assert caught.value.data.stdout


def test_a_result_that_is_no_text_or_too_long_is_an_error(home: Path) -> None:
    for body in ("import sys; sys.stdout.buffer.write(b'\\xff')", "print('\"' + 'x' * 1100000 + '\"')"):
        with pytest.raises(CoworkError) as caught:
            call(home, script(body))
        assert caught.value.code == "connector.bad_result"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_template_in_a_script_is_not_filled(home: Path, runtime: str) -> None:
    body = {"python": "print('\"{{x}}\"')", "sh": """echo '"{{x}}"'""", "node": "return '{{x}}'"}[runtime]

    assert call(home, script(body, runtime), {"x": "'); evil('"}).body == "{{x}}"


def test_a_declared_variable_is_given_and_others_are_not(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTHER", "x")
    monkeypatch.setenv("KEY", SECRET)
    body = "import json, os; print(json.dumps([len(os.environ['KEY']), os.environ['KEY'], 'OTHER' in os.environ]))"

    assert call(home, {**script(body), "env": ["KEY"]}).body == [len(SECRET), "{{env.KEY}}", False]


def test_a_script_starts_in_its_pack_and_sees_no_modules_of_the_directory(home: Path, tmp_path: Path) -> None:
    from tests.connectors.samples import write_pack

    directory = write_pack(home)
    (directory / "json.py").write_text("raise SystemExit('shadowed')")

    assert call(home, script("import json, os; print(json.dumps(os.getcwd()))")).body == str(directory.resolve())


def test_a_script_that_does_not_end_is_killed(home: Path) -> None:
    with pytest.raises(LimitReached) as caught:
        call(home, script("while True: pass"), timeout_s=0.3)

    assert caught.value.code == "connector.timeout"


@pytest.mark.parametrize(
    ("body", "runtime"),
    [
        ("open('big', 'wb').write(b'x' * 40_000_000)", "python"),
        ("x = bytearray(2_000_000_000)", "python"),
        ("head -c 40000000 /dev/zero >big", "sh"),
        pytest.param("const kept = []; for (;;) kept.push(new Array(1e6).fill(kept.length + 0.5))", "node", marks=needs_node),
    ],
)
def test_a_script_that_takes_too_much_of_the_machine_fails(home: Path, body: str, runtime: str) -> None:
    with pytest.raises(CoworkError) as caught:
        call(home, script(body, runtime))

    assert caught.value.code == "connector.command_failed"


def test_without_node_a_script_in_javascript_is_unavailable(home: Path) -> None:
    with pytest.raises(Unavailable) as caught:
        call(home, script("return 1", "node"), environ={"PATH": "/nowhere"})

    assert (caught.value.code, caught.value.exit_code) == ("connector.no_runtime", 7)
    assert "Node.js" in (caught.value.hint or "")


def test_a_large_input_is_given_whole(home: Path) -> None:
    assert call(home, script("import json, sys; print(len(json.load(sys.stdin)['x']))"), {"x": "x" * 900_000}).body == 900_000


def test_a_plan_runs_nothing(home: Path) -> None:
    done = call(home, script(f"open({json.dumps(os.fspath(home / 'x'))}, 'w')"), dry_run=True)

    assert (done.dry_run, done.body, (home / "x").exists()) == (True, None, False)
