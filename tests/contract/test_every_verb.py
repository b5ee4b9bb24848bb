"""The contract of every verb in the manifest: what users script against. A verb without a row here cannot exist."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest

from cowork.cli.commands import load
from cowork.cli.manifest import GROUPS, VERBS, Verb, children
from cowork.render.fields import members
from cowork.sessions import places
from tests.loop.control import loops
from tests.registry.places import pack, skill
from tests.support import ROOT, Ran, run_here
from tests.twins.at_work import something_at_work
from tests.twins.remembered import something_remembered

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ENVELOPE = {"schema", "ok", "data", "warnings", "error"}
ERROR = {"code", "message", "hint", "exit", "details"}
TWIN = "twin-software-engineer"
REHEARSE = ["--provider", "rehearsal"]
WORKS = ["--agent", "rehearsal"]
ALLOW = ["--rule", "scan.autorun_file", "--reason", "pytest reads it"]
STEERED = ("loop pause", "loop stop", "loop cancel", "loop answer")
LOOKED_AT = ("loop show", "loop status", "loop watch", "loop logs", "loop export")
REMEMBERING = ("twin feedback", "twin remember", "twin forget", "twin memory", "twin facts remove")
SHOWN = (
    "twin show",
    "twin memory",
    "twin tasks",
    "twin board",
    "twin results show",
    "session show",
    "session export",
    "bench show",
    *LOOKED_AT,
)
QUESTIONS = str(ROOT / "tests" / "loop" / "bench" / "questions.jsonl")
CHANGED = tuple(f"twin {word}" for word in "edit pause resume deactivate upgrade export import backup restore".split())
AT_WORK = tuple(
    f"twin {words}" for words in ("beat", "ask", "assign", "wake", "unassign", "tasks", "board", "serve", "results show")
)
INSTALLED = ("pack install", "pack update", "pack rollback", "pack pin", "pack unpin", "pack uninstall", "pack import")


class Case(NamedTuple):
    """A command line that succeeds, one that fails, and the exit code and error code of the failure."""

    good: list[str]
    bad: list[str]
    exit: int
    code: str
    stdin: str = ""


CASES = {
    "pack list": Case([], ["--fields", "nope"], 2, "usage.unknown_field"),
    "pack show": Case(["devops"], ["devop"], 3, "pack.not_found"),
    "pack search": Case(["deploy"], [], 2, "usage.invalid"),
    "pack enable": Case(["devops"], ["devop"], 3, "pack.not_found"),
    "pack disable": Case(["devops"], ["devop"], 3, "pack.not_found"),
    "pack install": Case(["./acme"], ["./nowhere"], 3, "install.source_not_found"),
    "pack outdated": Case([], ["nope"], 3, "pack.not_installed"),
    "pack update": Case(["acme"], ["nope"], 3, "pack.not_installed"),
    "pack rollback": Case(["acme"], ["nope"], 3, "pack.not_installed"),
    "pack pin": Case(["acme", "--reason", "works"], ["nope", "--reason", "works"], 3, "pack.not_installed"),
    "pack unpin": Case(["acme"], ["nope"], 3, "pack.not_installed"),
    "pack uninstall": Case(["acme", "--yes"], ["devops", "--yes"], 5, "uninstall.not_personal"),
    "pack verify": Case([], ["nope"], 3, "pack.not_installed"),
    "pack export": Case([], ["--bundle"], 2, "usage.invalid"),
    "pack import": Case(["packs.json"], ["nowhere.json"], 4, "import.invalid"),
    "pack gc": Case(["--yes"], ["--nope"], 2, "usage.invalid"),
    "pack scaffold": Case(["my-own"], ["My Own"], 4, "scaffold.bad_name"),
    "pack validate": Case([str(ROOT / "packs" / "devops")], ["/nowhere"], 4, "pack.invalid"),
    "pack lint": Case([str(ROOT / "packs" / "devops")], ["/nowhere"], 4, "pack.invalid"),
    "pack scan": Case([str(ROOT / "packs" / "devops")], ["/nowhere"], 3, "scan.no_such_path"),
    "pack allow": Case([str(ROOT / "tests" / "conftest.py"), *ALLOW], ["/nowhere", *ALLOW], 3, "scan.no_such_path"),
    "pack try": Case(["--seed", "1"], ["--seed", "1", "--run", "9"], 3, "pack.no_such_prompt"),
    "pack context": Case([], ["--nope"], 2, "usage.invalid"),
    "skill list": Case([], ["--pack", "nope"], 3, "pack.not_found"),
    "skill show": Case(["code-review-prep"], ["code-review"], 3, "skill.not_found"),
    "skill render": Case(["standup-update", "--param", "activity=x"], ["standup-update"], 4, "skill.missing_parameter"),
    "skill run": Case(
        ["standup-update", "--param", "activity=x", *REHEARSE], ["standup-update", *REHEARSE], 4, "skill.missing_parameter"
    ),
    "skill search": Case(["review"], [], 2, "usage.invalid"),
    "skill match": Case(["review this terraform plan"], [], 2, "usage.invalid"),
    "skill enable": Case(["devops", "incident-response"], ["devops", "incident"], 3, "skill.not_found"),
    "skill disable": Case(["devops", "incident-response"], ["devops", "incident"], 3, "skill.not_found"),
    "run": Case(["/standup-update", "x", *REHEARSE], ["/standup", *REHEARSE], 3, "command.not_found"),
    "agent list": Case([], ["--nope"], 2, "usage.invalid"),
    "agent show": Case(["devops-engineer"], ["nobody"], 3, "agent.not_found"),
    "agent run": Case(["devops-engineer", "Is it so?", *REHEARSE], ["nobody", "x", *REHEARSE], 3, "agent.not_found"),
    "command list": Case([], ["--nope"], 2, "usage.invalid"),
    "command show": Case(["/standup-update"], ["/nope"], 3, "command.not_found"),
    "prompt build": Case(["--agent", "Explore", "--skill", "code-review-prep"], ["--agent", "nobody"], 3, "agent.not_found"),
    "prompt check-tool": Case(
        ["--tool", "Bash", "--allow", "Bash(git *)", "--input", '{"command": "git status"}'],
        ["--tool", "Bash", "--allow", "Bash(git *)", "--input", '{"command": "gitk"}'],
        6,
        "tool.denied",
    ),
    "connector list": Case([], ["--pack", "nope"], 3, "pack.not_found"),
    "connector show": Case(["greet"], ["great"], 3, "connector.not_found"),
    "connector call": Case(["greet", "--input", '{"who": "you"}'], ["greet"], 4, "connector.bad_input"),
    "twin templates": Case(["--category", "engineering"], ["--category", "enginering"], 3, "persona.unknown_category"),
    "twin categories": Case([], ["--nope"], 2, "usage.invalid"),
    "twin preview": Case(["software-engineer", "--full"], ["software-enginer"], 3, "persona.not_found"),
    "twin activate": Case(["software-engineer"], ["software-engineer", "--interval", "4"], 4, "twin.bad_interval"),
    "twin list": Case([], ["--nope"], 2, "usage.invalid"),
    "twin show": Case(["twin-software-engineer"], ["nobody"], 3, "twin.not_found"),
    "twin deliver": Case([], ["--test", "nobody"], 3, "twin.not_found"),
    "evidence list": Case([], ["--nope"], 2, "usage.invalid"),
    "evidence run": Case(["todo-comments"], ["todo-comment"], 3, "evidence.not_found"),
    "twin feedback": Case(["last", "--bad", "It was merged."], ["nope", "--good"], 3, "result.not_found"),
    "twin remember": Case(["twin-tester", "We squash."], ["nobody", "We squash."], 3, "twin.not_found"),
    "twin forget": Case(["facade"], ["decade"], 3, "memory.not_found"),
    "twin memory": Case(["twin-tester"], ["nobody"], 3, "twin.not_found"),
    "twin facts list": Case(["--about", "payments"], ["--nope"], 2, "usage.invalid"),
    "twin facts add": Case(["payments", "owned-by", "team-a"], ["payments", "owned-by", " "], 4, "facts.empty"),
    "twin facts remove": Case(["facade"], ["decade"], 3, "facts.not_found"),
    "twin facts import": Case(["owners.csv"], ["nowhere.csv"], 3, "facts.not_found"),
    "twin beat": Case(["twin-a", "--no-model"], ["nobody"], 3, "twin.not_found"),
    "twin ask": Case(["@twin-a", "What is new?", "--no-model"], ["@nobody", "What is new?"], 3, "twin.not_found"),
    "twin assign": Case(["twin-a", "Paint it", "--due", "3d"], ["twin-a", "Paint it", "--due", "soon"], 4, "request.bad_due"),
    "twin wake": Case(["twin-a", "The build broke"], ["nobody"], 3, "twin.not_found"),
    "twin unassign": Case(["q1"], ["q2"], 3, "request.not_found"),
    "twin tasks": Case(["twin-a"], ["nobody"], 3, "twin.not_found"),
    "twin board": Case(["twin-a"], ["nobody"], 3, "twin.not_found"),
    "twin results list": Case([], ["--since", "yesterday"], 4, "result.bad_since"),
    "twin results show": Case(["last"], ["nope"], 3, "result.not_found"),
    "twin serve": Case(["--once", "--no-model"], ["--jobs", "0"], 2, "usage.invalid"),
    "twin status": Case([], ["--limit", "0"], 2, "usage.invalid"),
    "twin install-service": Case(["--cron"], ["--every", "0"], 2, "usage.invalid"),
    "twin edit": Case([TWIN, "--interval", "60"], [TWIN, "--interval", "4"], 4, "twin.bad_interval"),
    "twin pause": Case(["@twin-software-engineer"], ["nobody"], 3, "twin.not_found"),
    "twin resume": Case([TWIN], ["nobody"], 3, "twin.not_found"),
    "twin deactivate": Case([TWIN, "--purge", "--yes"], ["nobody"], 3, "twin.not_found"),
    "twin upgrade": Case(["--all"], [], 2, "usage.invalid"),
    "twin export": Case([TWIN, "--output", "twins.json"], ["nobody"], 3, "twin.not_found"),
    "twin import": Case(["exported.json"], ["missing.json"], 3, "import.not_found"),
    "twin backup": Case([], ["exported.json"], 5, "backup.exists"),
    "twin prune": Case(["--yes"], ["--keep", "soon", "--yes"], 4, "prune.bad_keep"),
    "twin restore": Case(["copy.db", "--yes"], ["missing.db", "--yes"], 3, "backup.not_found"),
    "loop start": Case(["Is it so?", *REHEARSE], ["Is it so?", "--context", "missing.md"], 4, "context.missing"),
    "loop run": Case(["--tasks", "done.json", *WORKS], ["--tasks", "nowhere.json", *WORKS], 3, "tasks.no_file"),
    "loop patterns list": Case([], ["--nope"], 2, "usage.invalid"),
    "loop patterns show": Case(["debate"], ["debat"], 3, "pattern.not_found"),
    "loop patterns suggest": Case(["Write it down."], [" "], 4, "loop.empty_task"),
    "loop presets list": Case([], ["--nope"], 2, "usage.invalid"),
    "loop presets show": Case(["vote"], ["votes"], 3, "preset.not_found"),
    "loop task list": Case([], ["--file", "missing.json"], 3, "tasks.no_file"),
    "loop task show": Case(["b"], ["c"], 3, "tasks.no_such_task"),
    "loop task next": Case([], ["--file", "done.json"], 8, "tasks.none_runnable"),
    "loop task create": Case(["Paint it."], ["Paint it.", "--depends-on", "nope"], 4, "tasks.invalid"),
    "loop task update": Case(["b", "--status", "done"], ["b"], 4, "tasks.nothing_to_change"),
    "loop task load": Case(["tasks.json"], ["missing.json"], 3, "tasks.no_file"),
    "loop task import": Case(["list.md"], ["missing.md"], 4, "tasks.missing"),
    "loop task export": Case([], ["--file", "missing.json"], 3, "tasks.no_file"),
    "loop task graph": Case([], ["--file", "missing.json"], 3, "tasks.no_file"),
    "loop task validate": Case([], ["list.md"], 4, "tasks.invalid"),
    "loop resume": Case(["last"], ["nope"], 3, "session.not_found"),
    "loop status": Case(["last"], ["nope"], 3, "session.not_found"),
    "loop watch": Case(["last", "--all"], ["nope"], 3, "session.not_found"),
    "loop pause": Case([], ["nope"], 3, "session.not_found"),
    "loop stop": Case([], ["nope"], 3, "session.not_found"),
    "loop cancel": Case([], ["nope"], 3, "session.not_found"),
    "loop answer": Case(["last", "this one"], ["last", "t-9", "this one"], 3, "task.not_found"),
    "loop logs": Case([], ["--iteration", "9"], 3, "loop.no_log"),
    "loop export": Case([], ["nope"], 3, "session.not_found"),
    "loop list": Case([], ["--nope"], 2, "usage.invalid"),
    "loop show": Case(["last"], ["nope"], 3, "session.not_found"),
    "template list": Case([], ["--nope"], 2, "usage.invalid"),
    "template show": Case(["default"], ["defaul"], 3, "template.not_found"),
    "template init": Case(["default"], ["../default"], 4, "template.bad_name"),
    "template check": Case(["default"], ["./nowhere.hbs"], 3, "template.not_found"),
    "template render": Case(["default", "--var", "taskTitle=x"], ["default", "--var", "x"], 4, "template.bad_variable"),
    "bench run": Case([QUESTIONS, "--pattern", "debate", *REHEARSE], ["missing.jsonl"], 3, "bench.no_such_file"),
    "bench resume": Case(["last"], ["nope"], 3, "session.not_found"),
    "bench show": Case(["last"], ["nope"], 3, "session.not_found"),
    "bench list": Case([], ["--nope"], 2, "usage.invalid"),
    "session list": Case([], ["--nope"], 2, "usage.invalid"),
    "session show": Case(["last"], ["nope"], 3, "session.not_found"),
    "session export": Case(["last"], ["nope"], 3, "session.not_found"),
    "context show": Case([], ["missing.md"], 4, "context.missing"),
    "context tree": Case(["--depth", "1"], ["nowhere"], 4, "context.missing"),
    "registry search": Case(["kubernetes"], ["--nope"], 2, "usage.invalid"),
    "registry show": Case(["devops"], ["nope"], 3, "registry.not_found"),
    "registry categories": Case([], ["--nope"], 2, "usage.invalid"),
    "registry refresh": Case([], ["--nope"], 2, "usage.invalid"),
    "registry updates": Case([], ["--nope"], 2, "usage.invalid"),
    "registry build": Case([str(ROOT / "packs"), "--output", "packs.json"], ["/nowhere"], 3, "registry.no_directory"),
    "registry serve": Case([str(ROOT / "packs"), "--requests", "0"], ["/nowhere"], 3, "registry.no_directory"),
    "admin policy get": Case([], ["packs.bloked"], 3, "policy.unknown_field"),
    "admin policy set": Case(["-"], ["missing.json"], 4, "policy.missing", '{"packs": {"blocked": ["devops"]}}'),
    "admin policy update": Case(["--set", "packs.blocked=devops"], ["--set", "packs.bloked=a"], 2, "policy.unknown_field"),
    "admin policy reset": Case(["--yes"], [], 2, "usage.confirmation_needed"),
    "admin policy validate": Case([], ["missing.json"], 4, "policy.missing"),
    "admin policy check": Case(["devops"], [], 2, "usage.invalid"),
    "admin policy explain": Case(["pack", "enable", "devops"], ["pack", "enabel", "devops"], 2, "usage.unknown_verb"),
    "admin audit": Case([], ["--since", "yesterday"], 2, "audit.bad_since"),
    "hook run": Case(["Stop"], ["Nope"], 2, "hook.blocked", '{"hook_event_name":"Stop"}'),
    "hook list": Case([], ["--event", "PreTool"], 3, "hook.unknown_event"),
    "hook events": Case([], ["--nope"], 2, "usage.invalid"),
    "hook test": Case(
        ["PreToolUse", "--input", "-"], ["PreToolUze", "--input", "-"], 3, "hook.unknown_event", '{"tool_name": "Bash"}'
    ),
    "provider list": Case([], ["--nope"], 2, "usage.invalid"),
    "provider show": Case(["groq"], ["grok2"], 3, "provider.not_found"),
    "provider models": Case(["rehearsal"], ["opena"], 3, "provider.not_found"),
    "provider check": Case(["rehearsal"], ["opena"], 3, "provider.not_found"),
    "config show": Case(["--origin"], ["colour"], 3, "config.unknown_key"),
    "config trust": Case(["--yes"], ["/nowhere", "--yes"], 3, "trust.no_directory"),
    "config untrust": Case([], ["--nope"], 2, "usage.invalid"),
    "doctor": Case([], ["--nope"], 2, "usage.invalid"),
    "schema": Case(["pack", "list"], ["pack", "lst"], 3, "schema.not_found"),
    "completion": Case(["bash"], ["tcsh"], 2, "usage.invalid"),
}

every_verb = pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.path)


@pytest.fixture(autouse=True)
def something_to_show(request: pytest.FixtureRequest) -> Iterator[None]:
    """A twin and a session, for the verbs that show one; a pack of the user's with a connector, for those that use one."""
    verb = request.node.callspec.params.get("verb") if hasattr(request.node, "callspec") else None
    if verb and verb.path in SHOWN:
        assert run_here("twin", "activate", "software-engineer").code == 0
        assert run_here("loop", "start", "Is it so?", *REHEARSE).code == 0
    if verb and verb.path in REMEMBERING:
        something_remembered()
    if verb and verb.path == "twin facts import":
        Path("owners.csv").write_text("payments,owned-by,team-a\n")
    if verb and verb.path in AT_WORK:
        something_at_work()
    if verb and verb.path in CHANGED:
        assert run_here("twin", "activate", "software-engineer").code == 0
        assert run_here("twin", "export", "--all", "--output", "exported.json").code == 0
        assert run_here("twin", "backup", "copy.db").code == 0
    if verb and verb.path in ("bench show", "bench resume"):
        assert run_here("bench", "run", QUESTIONS, *REHEARSE).code == 0
        if verb.path == "bench resume":
            _cut_short()
    if verb and verb.path == "loop resume":
        assert run_here("loop", "start", "Is it so?", *REHEARSE).code == 0
        _cut_short()
    if verb and verb.path.startswith(("loop task ", "loop run")):
        Path("tasks.json").write_text('[{"id": "a", "title": "A"}, {"id": "b", "title": "B", "dependencies": ["a"]}]')
        Path("done.json").write_text('[{"id": "a", "title": "A", "status": "done"}]')
        Path("list.md").write_text("- [ ] Paint it.\n")
    if verb and verb.path.startswith("connector "):
        greet = {
            "name": "greet",
            "description": "Greets",
            "type": "shell",
            "inputSchema": {"type": "object", "properties": {"who": {"type": "string"}}, "required": ["who"]},
            "shell": {"command": "echo hello {{who}}"},
        }
        pack(Path.home() / ".claude" / "plugins", "greeter", connectors=[greet])
    if verb and verb.path in INSTALLED:
        _install_acme(verb)
    with _worked_on() if verb and verb.path in STEERED else nullcontext():
        yield


@contextmanager
def _worked_on() -> Iterator[None]:
    """A loop that somebody runs, and whose agent has asked something."""
    asked = ("task.blocked", {"iteration": 1, "task": "t-1", "question": "Which one?"})
    with places.held(loops.session(loops.head(), loops.started(1), asked)):
        yield


def _cut_short() -> None:
    """Make the one session look as if its process had been killed before the first answer."""
    (journal,) = Path(os.environ["COWORK_HOME"], "sessions").glob("*/journal.jsonl")
    lines = journal.read_text().splitlines(keepends=True)
    started = next(number for number, line in enumerate(lines) if '"type":"call.started"' in line)
    journal.write_text("".join(lines[: started + 1]))


def _install_acme(verb: Verb) -> None:
    """The pack `acme` in a directory, and for most verbs installed from there: twice where there must be something before."""
    pack(Path(), "acme", skill("a"))
    if verb.path == "pack install":
        return
    assert run_here("pack", "install", "./acme").code == 0
    if verb.path == "pack import":
        assert run_here("pack", "export", "--output", "packs.json").code == 0
        assert run_here("pack", "uninstall", "acme", "--yes").code == 0
    if verb.path in ("pack update", "pack rollback"):
        pack(Path(), "acme", skill("a"), version="1.1.0")
    if verb.path == "pack rollback":
        assert run_here("pack", "update", "acme").code == 0


def test_the_table_names_every_verb_and_no_other() -> None:
    assert set(CASES) == {verb.path for verb in VERBS}


@every_verb
def test_success_is_one_envelope_whose_data_fits_the_published_schema(verb: Verb) -> None:
    case = CASES[verb.path]
    ran = run_here(*verb.path.split(), *case.good, "--json", stdin=case.stdin)
    document = _envelope(ran, verb.schema)
    assert (ran.code, document["ok"], document["error"]) == (0, True, None), ran
    schema = run_here("schema", *verb.path.split(), "--json").data["json_schema"]
    jsonschema.Draft202012Validator(schema).validate(document["data"])
    _lists_are_counted(document["data"])
    if verb.path.startswith(("twin ", "evidence ")):
        _moments_are_rfc3339_or_null(document["data"])


@every_verb
def test_failure_is_one_envelope_with_its_code_and_exit(verb: Verb) -> None:
    case = CASES[verb.path]
    ran = run_here(*verb.path.split(), *case.bad, "--json", stdin=case.stdin)
    error = _envelope(ran, verb.schema)["error"]
    assert (ran.code, error["exit"], error["code"]) == (case.exit, case.exit, case.code), ran


@every_verb
def test_json_may_stand_before_the_verb(verb: Verb) -> None:
    case = CASES[verb.path]
    ran = run_here("--json", *verb.path.split(), *case.good, stdin=case.stdin)
    assert _envelope(ran, verb.schema)["ok"], ran


@every_verb
def test_a_usage_error_is_one_envelope_and_exit_2(verb: Verb) -> None:
    ran = run_here("--json", *verb.path.split(), "--no-such-option")
    assert ran.code == 2
    assert _envelope(ran, verb.schema)["error"]["code"] == "usage.invalid"


@every_verb
def test_a_failure_for_a_person_says_what_and_a_hint_on_stderr_only(verb: Verb) -> None:
    case = CASES[verb.path]
    ran = run_here(*verb.path.split(), *case.bad, stdin=case.stdin)
    if verb.path == "hook run":
        assert (ran.code, ran.out) == (2, "")  # the host's protocol, not ours
        return
    partial = run_here(*verb.path.split(), *case.bad, "--json", stdin=case.stdin).data
    assert bool(ran.out) == (partial is not None)  # what there is of a result is shown, and nothing else
    lines = ran.err.splitlines()
    assert lines[-1].startswith("  hint: "), ran.err
    assert any(line.startswith("error: ") for line in lines), ran.err
    assert "Traceback" not in ran.err


@every_verb
def test_success_for_a_person_shows_something_without_escapes_off_a_terminal(verb: Verb) -> None:
    case = CASES[verb.path]
    ran = run_here(*verb.path.split(), *case.good, stdin=case.stdin)
    assert ran.code == 0, ran.err
    assert "\x1b" not in ran.out + ran.err
    if verb.path != "hook run":
        assert ran.out.strip()


@every_verb
def test_help_is_a_page_for_a_person_and_a_document_for_a_program(verb: Verb) -> None:
    page = run_here(*verb.path.split(), "--help")
    assert page.code == 0
    assert page.out.startswith(f"Usage: cowork {verb.path} ")
    assert "Common options:" in page.out
    document = run_here(*verb.path.split(), "--help", "--json").document
    assert (document["schema"], document["data"]["command"]) == ("cowork.help/1", f"cowork {verb.path}")


@every_verb
def test_fields_select_inside_data(verb: Verb) -> None:
    case = CASES[verb.path]
    fields_of = [[field.name for field in dataclasses.fields(kind)] for kind in members(load(verb.result))]
    name = next(name for name in fields_of[0] if all(name in names for names in fields_of))
    ran = run_here(*verb.path.split(), *case.good, "--json", "--fields", name, stdin=case.stdin)
    assert list(ran.data) == [name]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.mutates], ids=lambda verb: verb.path)
def test_dry_run_prints_a_plan_and_writes_nothing(verb: Verb, home: Path) -> None:
    case, before = CASES[verb.path], _files(home)
    data = run_here(*verb.path.split(), *case.good, "--dry-run", "--json", stdin=case.stdin).data
    assert data["dry_run"] is True
    assert all(set(step) == {"action", "target", "detail"} for step in data["plan"])
    assert data["plan"]
    assert _files(home) == before
    there = (*INSTALLED, *STEERED, *REMEMBERING, *CHANGED, *AT_WORK, "loop resume", "bench resume")
    assert home.exists() == (verb.path in there and verb.path != "pack install")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if not verb.mutates], ids=lambda verb: verb.path)
def test_a_read_creates_nothing(verb: Verb, home: Path) -> None:
    if verb.path in (*SHOWN, *AT_WORK):
        return  # these need something to show
    case = CASES[verb.path]
    run_here(*verb.path.split(), *case.good, stdin=case.stdin)
    assert not home.exists()


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.streams], ids=lambda verb: verb.path)
def test_a_stream_is_numbered_events_that_end_with_the_result(verb: Verb) -> None:
    case = CASES[verb.path]
    events = run_here(*verb.path.split(), *case.good, "--stream").events
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert all(set(event) == {"schema", "seq", "at", "type", "data"} for event in events)
    assert all(event["schema"] == "cowork.event/1" for event in events)
    assert [event["type"] for event in events].count("result") == 1
    assert events[-1]["type"] == "result"
    assert set(events[-1]["data"]) == ENVELOPE
    assert events[-1]["data"]["ok"] is True


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb.streams], ids=lambda verb: verb.path)
def test_a_stream_that_fails_ends_with_the_failure(verb: Verb) -> None:
    case = CASES[verb.path]
    ran = run_here(*verb.path.split(), *case.bad, "--stream")
    assert ran.code == case.exit
    assert ran.events[-1]["type"] == "result"
    assert ran.events[-1]["data"]["error"]["code"] == case.code


def test_every_word_of_a_path_is_a_group_or_a_verb() -> None:
    for verb in VERBS:
        words = verb.path.split()
        for depth in range(1, len(words)):
            assert " ".join(words[:depth]) in GROUPS
            assert words[depth] in children(" ".join(words[:depth]))


def _files(home: Path) -> dict[str, bytes]:
    """Everything below the home but the cache, which may be made anew whenever something is read."""
    found = (path for path in home.rglob("*") if path.is_file() and "cache" not in path.parts)
    return {str(path): path.read_bytes() for path in found}


def _envelope(ran: Ran, schema: str) -> dict[str, Any]:
    assert ran.out.count("\n") == 1, ran
    document = json.loads(ran.out)
    assert set(document) == ENVELOPE
    assert document["schema"] == schema
    assert all(set(warning) == {"code", "message"} for warning in document["warnings"])
    if document["error"] is not None:
        assert set(document["error"]) == ERROR
    return document


def _moments_are_rfc3339_or_null(value: Any) -> None:
    """Whatever is called `*_at` is a moment in UTC, or not there; never an empty text."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key.endswith("_at") or key == "at":
                assert held is None or MOMENT.fullmatch(held), (key, held)
            _moments_are_rfc3339_or_null(held)
    elif isinstance(value, list):
        for held in value:
            _moments_are_rfc3339_or_null(held)


def _lists_are_counted(data: Any) -> None:
    if isinstance(data, dict) and "items" in data:
        assert data["count"] == len(data["items"])
