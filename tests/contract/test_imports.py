"""Start-up as sets of modules: what each fast path may load. Times are measured by `make bench`, never asserted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.install.git_server import git_server, make_repo
from tests.install.sample_packs import fifty_files
from tests.twins.at_work import something_at_work

HOOK = b'{"hook_event_name": "PreToolUse", "tool_name": "Bash"}'
HEAVY = {
    "anthropic", "asyncio", "filelock", "git", "httpx2", "importlib.metadata", "jinja2", "openai", "pydantic", "requests",
    "rich", "semver", "sqlite3", "subprocess", "tempfile", "textual", "yaml",
}  # fmt: skip
PROBE = """
import sys
bare = set(sys.modules)
sys.argv = ["cowork", *ARGV]
from cowork.__main__ import main
code = main()
found = sorted(set(sys.modules) - bare)
import json
print("\\n" + json.dumps([code, found]))
"""


@cache
def loaded(*argv: str) -> set[str]:
    """The modules that a command line loads beyond a bare interpreter."""
    script = PROBE.replace("ARGV", repr(list(argv)))
    done = subprocess.run([sys.executable, "-c", script], input=HOOK, capture_output=True, env=os.environ, check=True)
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    return set(modules)


def test_version_loads_the_entry_point_alone() -> None:
    assert loaded("--version") == {"cowork", "cowork.__main__"}


def test_hook_run_loads_json_and_the_hooks_room() -> None:
    modules = loaded("hook", "run", "PreToolUse")
    ours = {name for name in modules if name.startswith("cowork")}
    assert ours == {
        "cowork", "cowork.__main__", "cowork.hooks", "cowork.hooks.events", "cowork.hooks.fast",
        "cowork.hooks.place",
    }  # fmt: skip
    assert {name.split(".")[0] for name in modules - ours} <= {
        "_json", "_sre", "collections", "copyreg", "enum", "functools", "itertools", "json", "keyword", "operator", "re",
        "reprlib", "types", "_collections", "_functools", "_operator",
    }  # fmt: skip


@pytest.mark.parametrize(
    "argv",
    [
        ("--help",),
        ("pack", "--help"),
        ("pack", "list", "--json"),
        ("pack", "show", "devops", "--json"),
        ("pack", "search", "deploy", "--json"),
        ("skill", "list", "--json"),
        ("skill", "show", "code-review-prep", "--json"),
        ("registry", "search", "--json"),
        ("twin", "templates", "--json"),
    ],
    ids=" ".join,
)
def test_fast_paths_load_nothing_heavy(argv: tuple[str, ...]) -> None:
    assert {name for name in loaded(*argv) if name in HEAVY or name.split(".")[0] in HEAVY} == set()


@pytest.mark.parametrize("argv", [("provider", "list", "--json"), ("provider", "show", "groq", "--json")], ids=" ".join)
def test_reading_the_catalogue_of_providers_loads_yaml_and_nothing_else_that_is_heavy(argv: tuple[str, ...]) -> None:
    assert {name.split(".")[0] for name in loaded(*argv) if name in HEAVY or name.split(".")[0] in HEAVY} == {"yaml"}


@pytest.mark.parametrize(
    "words",
    [("list",), ("board",), ("tasks",), ("results",), ("results", "show", "last"), ("status",)],
    ids=" ".join,
)
def test_looking_at_twins_loads_the_database_and_nothing_else_that_is_heavy(words: tuple[str, ...]) -> None:
    something_at_work()
    found = {name for name in loaded("twin", *words, "--json") if name in HEAVY or name.split(".")[0] in HEAVY}
    assert {name.split(".")[0] for name in found} <= {"sqlite3"}


@pytest.mark.parametrize("words", [("list",), ("board",), ("tasks",), ("results",), ("status",)], ids=" ".join)
def test_looking_at_twins_on_a_terminal_loads_no_agent_and_no_scheduler(words: tuple[str, ...]) -> None:
    something_at_work()
    modules = loaded("twin", *words)
    assert {name.split(".")[1] for name in modules if name.startswith("cowork.")}.isdisjoint({"agent", "loop", "models"})
    assert modules.isdisjoint({"asyncio", "pydantic", "cowork.twins.beats.beating", "cowork.twins.serving.server"})


def test_help_loads_no_verb_and_no_room_but_the_command_line() -> None:
    ours = {name for name in loaded("--help") if name.startswith("cowork.")}
    assert ours == {
        "cowork.__main__", "cowork.cli", "cowork.cli.commands", "cowork.cli.invocation", "cowork.cli.main",
        "cowork.cli.manifest", "cowork.core", "cowork.core.errors", "cowork.core.text",
    }  # fmt: skip


def test_a_listing_loads_no_room_above_the_registry_but_rendering() -> None:
    rooms = {name.split(".")[1] for name in loaded("pack", "list", "--json") if name.startswith("cowork.")}
    assert rooms <= {"__main__", "cli", "core", "formats", "policy", "registry", "render"}


INSTALL = """
import gc, subprocess, sys
start, before = subprocess.Popen.__init__, []
def starting(self, words, *rest, **more):
    before.append(set(sys.modules))
    start(self, words, *rest, **more)
subprocess.Popen.__init__ = starting
sys.argv = ["cowork", "pack", "install", sys.argv[1], "--json"]
from cowork.__main__ import main
searches = sum(generation["collections"] for generation in gc.get_stats())
code = main()
searches = sum(generation["collections"] for generation in gc.get_stats()) - searches
import json
print("\\n" + json.dumps([code, searches, sorted(before[0]), sorted(sys.modules)]))
"""


def test_installing_loads_nothing_heavy_and_lets_git_work_before_it_loads_what_judges(tmp_path: Path) -> None:
    make_repo(tmp_path, "sample", fifty_files("1.0.0"))
    with git_server(tmp_path) as server:
        environment = {**os.environ, "COWORK_PRIVATE_HOSTS": server.host}
        words = [sys.executable, "-c", INSTALL, f"git+{server.url('sample')}"]
        done = subprocess.run(words, capture_output=True, env=environment, check=True)
    code, searches, before, after = json.loads(done.stdout.splitlines()[-1])

    assert (code, searches) == (0, 0)  # and looks for garbage not once, in what loading has made
    assert {name for name in after if name in HEAVY or name.split(".")[0] in HEAVY} == {"subprocess"}
    assert "zipfile" not in after
    assert {name.split(".")[1] for name in before if name.startswith("cowork.")} == {
        "__main__", "cli", "core", "formats", "install", "policy", "render", "web",
    }  # fmt: skip
    late = {
        "cowork.install.judging", "cowork.install.lockfile", "cowork.install.scan.scanner", "dataclasses", "hashlib", "json",
        "shutil",
    }  # fmt: skip
    assert late.isdisjoint(before)
    assert late <= set(after)


def test_importing_any_module_has_no_side_effect() -> None:
    script = """
import importlib, pkgutil, cowork, sys, os
for module in pkgutil.walk_packages(cowork.__path__, "cowork."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(os.path.exists(os.environ["COWORK_HOME"]))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("False\n", "")
