"""The values hooks pass around. Plain classes: `typing` and `dataclasses` cost more than a hook's whole start-up budget.

What runs a handler that is no command is a **runner**, handed in by the caller in a mapping from the handler's `kind`:

    Runner = Callable[[Handler, str, threading.Event], Ran]

It gets the handler (its own fields are in `handler.fields`: `url`, `headers`, `allowedEnvVars`; `server`, `tool`, `input`;
`prompt`, `model`, `continueOnBlock`), the event's JSON as text, and an event that is set when the time is up or the caller
stops; then nobody waits for it any longer. It answers with `Ran(handler.label, exit_code, stdout, stderr)` as a command
would: JSON in Claude Code's form or plain text on `stdout`, exit code 0 for success, 2 to block, any other for a failure that
`stderr` explains. It may raise; that counts as a failure.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Mapping
    from typing import Any

    Runner = Callable[["Handler", str, threading.Event], "Ran"]

YOURS = frozenset({"enterprise", "user"})  # origins that are the user's own, or the user's employer's


class Source:
    """Where hooks come from: a file, or with `document` an object that was read elsewhere (an agent's frontmatter).

    `origin`: enterprise, user, project, plugin, agent, skill. `scope` is where that lies (a plugin may be the project's).
    `root` is the directory that rule paths beginning with `/` start at; `env` what its commands get besides. `settings` are
    files that need not hold hooks. `ignored` says why nothing of it runs; it is listed all the same.
    """

    __slots__ = ("document", "env", "ignored", "origin", "path", "root", "scope", "settings")

    def __init__(
        self,
        path: str,
        origin: str,
        *,
        scope: str = "",
        root: str = "",
        env: "Mapping[str, str] | None" = None,
        document: "Any" = None,
        settings: bool = False,
        ignored: str = "",
    ) -> None:
        self.path = path
        self.origin = origin
        self.scope = scope or origin
        self.root = root
        self.env = dict(env or {})
        self.document = document
        self.settings = settings
        self.ignored = ignored


class Handler:
    """One handler of an event. `timeout` is in seconds; `fields` is the handler as it was written.

    `closed`: a failure blocks (`onError`). `condition` is its `if`, `place` where it stands in its file.
    """

    __slots__ = ("closed", "command", "condition", "event", "fields", "kind", "matcher", "place", "source", "timeout")

    def __init__(
        self,
        command: str,
        timeout: float,
        *,
        kind: str = "command",
        event: str = "",
        matcher: str | None = None,
        fields: "Mapping[str, Any] | None" = None,
        source: Source | None = None,
        place: str = "",
    ) -> None:
        self.command = command
        self.timeout = timeout
        self.kind = kind
        self.event = event
        self.matcher = matcher
        self.fields = dict(fields or {})
        self.source = source or Source("", "user")
        self.place = place
        self.closed = self.fields.get("onError") == "closed"
        self.condition: str | None = self.fields.get("if")

    @property
    def label(self) -> str:
        """How messages call it: the command's line, the address, the server and its tool, the prompt."""
        return self.command

    @property
    def background(self) -> bool:
        """Whether it is started and not waited for; then it decides nothing."""
        return self.kind == "command" and bool(self.fields.get("async") or self.fields.get("asyncRewake"))


class Ran:
    """How one handler ended. `timed_out` handlers do not block, as in Claude Code, unless they fail closed.

    `problem` says why it could not be run at all: that is no answer, and blocks. `cut`: it wrote more to stdout than is kept.
    `seconds` is how long it took, `handler` what ran (None for answers made by hand).
    """

    __slots__ = ("command", "cut", "exit_code", "handler", "problem", "seconds", "stderr", "stdout", "stopped", "timed_out")

    def __init__(
        self,
        command: str,
        exit_code: int,
        stdout: str,
        stderr: str,
        *,
        timed_out: bool = False,
        stopped: bool = False,
        cut: bool = False,
        problem: str = "",
        seconds: float = 0.0,
        handler: Handler | None = None,
    ) -> None:
        self.command = command
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr
        self.timed_out = timed_out
        self.stopped = stopped
        self.cut = cut
        self.problem = problem
        self.seconds = seconds
        self.handler = handler

    @property
    def origin(self) -> str:
        """Where its handler comes from: enterprise, user, project, plugin, agent, skill."""
        return self.handler.source.origin if self.handler else ""


class Merged:
    """What all handlers of an event came to.

    For our own agent: `blocked` with its `reason` (before a tool: it must not run; after one: what the model must be told; for
    a prompt: it is not sent; for Stop: go on); `decision` allow, ask, defer, deny or None with `decision_reason`;
    `updated_input`, which the tool rules must judge anew; `updated_output`; `contexts` for the model; `halt` with
    `halt_reason`: end the run; `messages` for the user; `env`, what a SessionStart hook exports; `ran` for the journal.
    For a host: `exit_code`, `output`, the JSON for stdout (None for none), and `errors`, lines for stderr.
    """

    __slots__ = (
        "blocked", "contexts", "decision", "decision_reason", "env", "errors", "exit_code", "halt", "halt_reason", "messages",
        "output", "ran", "reason", "updated_input", "updated_output",
    )  # fmt: skip

    def __init__(self, exit_code: int, output: "dict[str, Any] | None", errors: list[str]) -> None:
        self.exit_code = exit_code
        self.output = output
        self.errors = errors
        self.blocked = False
        self.reason = ""
        self.decision: str | None = None
        self.decision_reason = ""
        self.updated_input: dict[str, Any] | None = None
        self.updated_output: Any = None
        self.contexts: list[str] = []
        self.halt = False
        self.halt_reason = ""
        self.messages: list[str] = []
        self.env: dict[str, str] = {}
        self.ran: list[Ran] = []
