"""Calling a script connector: a program of the pack, run by node, python or sh as a process of its own.

A process of its own, with limits and a clean environment, is not a sandbox: the script may do what the user may do. What
guards against a hostile script is the approval when its pack is installed.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from cowork.connectors.process import Ended, Job, clean_environment
from cowork.connectors.secrets import Secrets
from cowork.connectors.shell import SHELL, working_directory
from cowork.core.errors import CoworkError, Unavailable

Runtime = Literal["node", "python", "sh"]

# A shell sets the limits and then becomes the program: no core file, 16 MiB per file written, so much time, so much memory.
_LAUNCH = """ulimit -c 0; ulimit -f 32768; ulimit -t "$1"; [ "$2" = - ] || ulimit -v "$2"; shift 2; exec "$@" """
# The body is that of an async function with one variable, `input`; what it logs must not mix with its result.
_NODE = """
const pieces = [];
process.stdin.on('data', (piece) => pieces.push(piece)).on('end', async () => {
  const { body, input } = JSON.parse(Buffer.concat(pieces).toString('utf8'));
  globalThis.console = new (require('console').Console)(process.stderr, process.stderr);
  const AsyncFunction = Object.getPrototypeOf(async function () {}).constructor;
  const result = await new AsyncFunction('input', body)(input);
  process.stdout.write(JSON.stringify(result === undefined ? null : result));
});
"""


def prepare(
    body: str,
    runtime: Runtime,
    given: Mapping[str, Any],
    pack: Path,
    secrets: Secrets,
    environ: Mapping[str, str],
    timeout_s: float,
) -> Job:
    """The process to run: the input as JSON on stdin, the result as JSON on stdout.

    Values are never put into the program's text. Raises `connector.no_runtime` (Unavailable).
    """
    program = _program(runtime, body, environ)
    stdin = {"body": body, "input": given} if runtime == "node" else given
    memory = "-" if runtime == "node" else "1048576"  # KiB; node reserves far more than it uses, and has its own limit
    return Job(
        argv=(SHELL, "-c", _LAUNCH, "connector", str(math.ceil(timeout_s) + 1), memory, *program),
        cwd=working_directory(pack, None),
        env={**clean_environment(environ), **secrets.environment()},
        timeout_s=timeout_s,
        shown=f"a script of {len(body)} characters with {runtime}",
        stdin=json.dumps(stdin).encode(),
    )


def _program(runtime: Runtime, body: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    if runtime == "sh":
        return (SHELL, "-c", body, "connector")
    if runtime == "python":
        return (sys.executable, "-I", "-c", body)
    from shutil import which

    found = which("node", path=environ.get("PATH"))
    if found is None:
        raise Unavailable(
            "connector.no_runtime",
            "the connector needs node, which is not on the PATH",
            hint="install Node.js, or ask the author of the pack for another runtime",
            details={"runtime": "node"},
        )
    return (found, "--max-old-space-size=256", "-e", _NODE)


def result_of(ended: Ended) -> Any:
    """The JSON that a script wrote, None for nothing. Raises `connector.bad_result`."""
    try:
        text = ended.stdout.decode("utf-8")
        if ended.truncated:
            raise ValueError("it is longer than 1 MB")
        return json.loads(text, parse_constant=_refuse) if text.strip() else None
    except (ValueError, RecursionError) as error:
        raise CoworkError(
            "connector.bad_result",
            "what the script wrote to stdout is not its result as JSON",
            cause=str(error) or type(error).__name__,
            hint="tell the author of its pack",
        ) from None


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is not JSON")
