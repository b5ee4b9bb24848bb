"""The program `cowork-fake-agent`: its options, and one call."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import NoReturn

from cowork.core.text import did_you_mean, suggest

USAGE_ERROR, NO_SCRIPT, USED_UP = 2, 4, 90
VALUED = ("--script", "--state", "--log", "--dialect", "--check")
FLAGS = ("--explain", "--reset", "--read-only", "--help", "--version")
DIALECTS = ("claude", "text")
_PROMISE = re.compile(r"<promise>[^<>\n]{1,200}</promise>")
HELP = """usage: cowork-fake-agent [--script FILE] [--state FILE] [--log FILE] [--dialect claude|text] [--read-only] < PROMPT
       cowork-fake-agent --check FILE | --explain | --reset [--script FILE]

An agent that does what a script says, for testing loops without a model. The prompt is read from stdin.

  --script FILE   the script, YAML or JSON; by default $COWORK_FAKE_AGENT
  --state FILE    where calls are counted; by default $COWORK_FAKE_AGENT_STATE, or SCRIPT.state
  --log FILE      add each call as a line of JSON; by default $COWORK_FAKE_AGENT_LOG
  --dialect NAME  claude (records as of Claude Code, the usual one) or text
  --read-only     refuse steps that change something
  --check FILE    say what is wrong with a script, and do nothing
  --explain       say what a script may hold
  --reset         forget the calls made so far

Options of other agents are ignored, so that it can stand in for them. Exit status: what the script says; 2 for wrong options,
4 for a script that is missing or wrong, 90 when no call is left, 91 when --read-only forbids a step, 92 when a step fails.
"""


class Refused(Exception):
    """What is wrong, and the exit status."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


def options(argv: list[str]) -> dict[str, str]:
    """The options that are ours. Raises Refused for one that is nearly ours, and for one without its value."""
    found: dict[str, str] = {}
    words = iter(argv)
    for word in words:
        name, given, value = word.partition("=")
        name = "--help" if name == "-h" else name
        if name in VALUED:
            value = value if given else next(words, "")
            if not value:
                raise Refused(f"{name} needs a value", USAGE_ERROR)
            found[name] = value
        elif name in FLAGS:
            found[name] = "yes"
        elif name.startswith("--") and _is_nearly(name):
            raise Refused(f"there is no option {name} ({did_you_mean(name, (*VALUED, *FLAGS), 'see --help')})", USAGE_ERROR)
    if found.get("--dialect", DIALECTS[0]) not in DIALECTS:
        raise Refused(f"--dialect must be one of {', '.join(DIALECTS)}", USAGE_ERROR)
    return found


def _is_nearly(name: str) -> bool:
    import difflib

    near = suggest(name, (*VALUED, *FLAGS))
    return near is not None and difflib.SequenceMatcher(None, name, near).ratio() > 0.85


def main(argv: list[str]) -> int:
    """Run one command line; its exit status."""
    try:
        return _run(argv, options(argv))
    except Refused as error:
        return _complain(str(error), error.code)
    except BrokenPipeError:  # whoever read has gone
        return 141


def _run(argv: list[str], given: dict[str, str]) -> int:
    from cowork.fake_agent import script as scripts
    from cowork.fake_agent.speaking import put

    if "--help" in given:
        put(HELP.encode())
        return 0
    if "--version" in given:
        from cowork import __version__

        put(f"cowork-fake-agent {__version__}\n".encode())
        return 0
    if "--explain" in given:
        from cowork.fake_agent.explaining import explanation

        put(explanation().encode())
        return 0
    named = given.get("--check") or given.get("--script") or os.environ.get("COWORK_FAKE_AGENT")
    if not named:
        raise Refused("which script? name it with --script FILE or COWORK_FAKE_AGENT=FILE", NO_SCRIPT)
    try:
        script = scripts.read(Path(named))
    except scripts.ScriptError as error:
        raise Refused(str(error), NO_SCRIPT) from None
    if "--check" in given:
        count = len(script.calls)
        put(f"{script.path}: {count} {'call' if count == 1 else 'calls'}, nothing is wrong\n".encode())
        return 0
    state = Path(given.get("--state") or os.environ.get("COWORK_FAKE_AGENT_STATE") or f"{script.path}.state")
    if "--reset" in given:
        state.unlink(missing_ok=True)
        return 0
    return _play(argv, given, script, state)


def _play(argv: list[str], given: dict[str, str], script: object, state: Path) -> int:
    import time

    from cowork.fake_agent.acting import Actor
    from cowork.fake_agent.memory import UsedUp, take
    from cowork.fake_agent.script import Script
    from cowork.fake_agent.speaking import Claude, Speaker, Text

    assert isinstance(script, Script)
    prompt = sys.stdin.buffer.read().decode("utf-8", "replace") if sys.stdin and not sys.stdin.isatty() else ""
    log = given.get("--log") or os.environ.get("COWORK_FAKE_AGENT_LOG")
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    cwd = str(Path.cwd())
    try:
        turn = take(script, prompt, state, Path(log) if log else None, {"argv": argv, "cwd": cwd, "pid": os.getpid(), "at": at})
    except UsedUp as error:
        return _complain(str(error), USED_UP)
    except OSError as error:
        return _complain(f"{error.filename or state}: {error.strerror or error}", USED_UP)
    speaker: Speaker = Text() if given.get("--dialect") == "text" else Claude(f"fake-{os.getpid()}", cwd)
    promises = _PROMISE.findall(prompt)
    words = {
        "call": str(turn.number),
        "task": turn.task,
        "promise": promises[-1] if promises else "<promise>COMPLETE</promise>",
    }
    usage = turn.call.usage or (len(prompt) // 4 + 1, 10, 0)
    speaker.begin(script.model)
    return Actor(speaker, usage, turn.call.usd, words, read_only="--read-only" in given).play(turn)


def _complain(what: str, code: int) -> int:
    from cowork.fake_agent.speaking import put

    for line in what.splitlines():
        put(f"cowork-fake-agent: {line}\n".encode("utf-8", "backslashreplace"), 2)
    return code


def program() -> NoReturn:
    """The installed `cowork-fake-agent`: one command line, and the end at once."""
    code = main(sys.argv[1:])
    os._exit(code)


if __name__ == "__main__":
    program()
