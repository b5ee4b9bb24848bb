"""Commands and skills made ready for a model: shell blocks pass the gate before the first one runs, mentioned files too."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cowork.agent.context import RunContext, Seat
from cowork.agent.modes import command_line_hint
from cowork.agent.request import Body
from cowork.agent.system import surroundings
from cowork.core.errors import Denied
from cowork.models.chat import ToolCall
from cowork.prompts import builtin, expansion, shell_run, variables
from cowork.prompts.arguments import Arguments

_NEVER_RUN = "its shell blocks do not run before you trust the project"


async def expand_body(body: Body, run: RunContext, seat: Seat) -> tuple[str, tuple[str, ...]]:
    """The text for the model, and the files it mentions.

    Raises `trust.untrusted`, `tool.denied` (both Denied), `prompt.command_failed` and what placeholders raise: one shell block
    that may not run or fails ends the whole invocation, and nothing is sent.
    """
    if body.verbatim:
        return body.text, ()
    arguments = Arguments(body.arguments, body.named, run.settings["argument_base"])
    blocks = _Blocks(body, run, seat)
    place = surroundings(run.project, seat.target.model, run.clock)
    known = variables.joined(body.variables, place, session=run.session_id)
    expanded = await expansion.expand(body.text, arguments, known, check=blocks.check, run=blocks.run)
    return _framed(body, expanded.text), expanded.mentions


async def mentioned(paths: Iterable[str], run: RunContext, seat: Seat) -> list[str]:
    """What mentioned files hold, each as a message. One that is not there or may not be read is left out, as in Claude Code."""
    found = []
    for number, path in enumerate(dict.fromkeys(paths), 1):
        call = ToolCall(f"mention-{number}", "Read", {"file_path": path}, json.dumps({"file_path": path}))
        decision = await seat.gate.judge(call)
        seat.gate.journal(run.recorder, seat.path, call, decision)
        if decision.allowed:
            result = await seat.tools["Read"].run(decision.arguments, seat.workspace)
            if not result.error:
                text = run.recorder.clean(result.text)
                found.append(builtin.piece("context-file", PATH=path, TEXT=text))
    return found


class _Blocks:
    """The shell blocks of one body: what is judged is what is run, also when a hook has changed it."""

    def __init__(self, body: Body, run: RunContext, seat: Seat) -> None:
        self._body = body
        self._run = run
        self._seat = seat
        self._judged: dict[str, str] = {}

    async def check(self, command: str) -> None:
        """Let a command pass, or refuse the whole text."""
        if not self._body.runs_shell:
            raise Denied(
                "trust.untrusted",
                f"{self._body.source} is not trusted",
                cause=_NEVER_RUN,
                hint="look at it, then: cowork config trust",
                details={"command": command},
            )
        call = ToolCall(f"block-{len(self._judged) + 1}", "Bash", {"command": command}, json.dumps({"command": command}))
        decision = await self._seat.gate.judge(call)
        self._seat.gate.journal(self._run.recorder, self._seat.path, call, decision)
        if not decision.allowed:
            raise Denied(
                "tool.denied",
                f"a shell block of '{self._body.name}' may not run: {command[:120]}",
                cause=decision.reason,
                hint=f"add {command_line_hint(decision.suggestion)}" if decision.suggestion else "see its allowed-tools",
                details={"command": command, "rule": decision.rule},
            )
        self._judged[command] = str(decision.arguments["command"])

    async def run(self, command: str) -> str:
        """Run a command that passed."""
        said = await shell_run.run(self._judged[command], cwd=self._run.project, env=self._run.environment)
        return self._run.recorder.clean(said)


def _framed(body: Body, text: str) -> str:
    """As Claude Code sends it: the name of what was typed, then its text."""
    if body.kind != "command":
        directory = body.variables.values.get("CLAUDE_SKILL_DIR")
        return f"Base directory for this skill: {directory}\n\n{text}" if directory else text
    arguments = f"<command-args>{body.arguments}</command-args>\n" if body.arguments else ""
    name = f"<command-message>{body.name}</command-message>\n<command-name>/{body.name}</command-name>\n"
    return f"{name}{arguments}\n{text}"
