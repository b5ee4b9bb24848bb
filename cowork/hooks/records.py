"""The values hooks pass around. Plain classes: `typing` and `dataclasses` cost more than a hook's whole start-up budget."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Handler:
    """A command to run for an event. `timeout` is in seconds."""

    __slots__ = ("command", "timeout")

    def __init__(self, command: str, timeout: float) -> None:
        self.command = command
        self.timeout = timeout


class Ran:
    """How one handler ended. `timed_out` handlers do not block, as in Claude Code."""

    __slots__ = ("command", "exit_code", "stderr", "stdout", "timed_out")

    def __init__(self, command: str, exit_code: int, stdout: str, stderr: str, *, timed_out: bool = False) -> None:
        self.command = command
        self.exit_code = exit_code
        self.stdout = stdout
        self.stderr = stderr
        self.timed_out = timed_out


class Merged:
    """The answer to the host: its exit code, the JSON for stdout (None for none) and lines for stderr."""

    __slots__ = ("errors", "exit_code", "output")

    def __init__(self, exit_code: int, output: "dict[str, Any] | None", errors: list[str]) -> None:
        self.exit_code = exit_code
        self.output = output
        self.errors = errors
