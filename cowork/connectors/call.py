"""Calling a connector: asked of the gate, its input checked, run, and what comes back freed of secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.connectors import directory
from cowork.connectors.inputs import check_input
from cowork.connectors.limits import time_limit
from cowork.connectors.results import ConnectorCall, Reply
from cowork.connectors.secrets import Secrets, secrets_for
from cowork.connectors.templates import Ref, Values, pieces
from cowork.core.errors import CoworkError, Denied, LimitReached, NotFound
from cowork.core.outcome import Notice
from cowork.core.paths import home, project_dir
from cowork.core.plan import Step
from cowork.core.text import one_line
from cowork.policy import gate
from cowork.trust.state import state

if TYPE_CHECKING:
    from cowork.connectors.process import Ended, Job
    from cowork.formats.cowork_plugin_parts import ConnectorModel


@dataclass(frozen=True)
class _Prepared:
    """A call that can be made: its plan, and what makes it. `run` gives the reply and, when it is one, the failure."""

    plan: tuple[Step, ...]
    run: Callable[[], tuple[Reply, CoworkError | None]]


def call_connector(
    name: str,
    given: Mapping[str, Any],
    *,
    timeout_s: float | None = None,
    dry_run: bool = False,
    environ: Mapping[str, str] | None = None,
) -> tuple[ConnectorCall, tuple[Notice, ...]]:
    """Call a connector with an input.

    Raises what the gate raises; `connector.not_found`, `connector.ambiguous`, `connector.not_callable`, `connector.disabled`;
    `connector.bad_input`, `connector.missing_input`, `connector.missing_env`, `connector.unsafe_value` (InvalidInput);
    `connector.http_error`, `connector.command_failed`, `connector.timeout` with the reply as data; and what the web raises.
    """
    found = directory.find(name)
    gate.require(directory.action_of(found, "connector call"), dry_run=dry_run)
    _refuse_untrusted(found)
    _refuse_uncallable(found)
    model = directory.model_of(found)
    limit = time_limit(model, timeout_s)
    environment = os.environ if environ is None else environ
    whole, notices = check_input(given, model.input_schema, used=_names_used(model))
    secrets = secrets_for(directory.declared_env(model), environment)
    declared = model.input_schema.get("properties")
    values = Values(whole, secrets, declared=frozenset(declared if isinstance(declared, dict) else ()))
    with secrets.kept():
        prepared = _prepare(model, Path(found.pack.head["path"]), values, whole, secrets, environment, limit)
        if dry_run:
            return _call(found, Reply(), prepared.plan, secrets, dry_run=True), notices
        reply, failure = prepared.run()
        done = _call(found, reply, prepared.plan, secrets, dry_run=False)
        if failure is not None:
            failure.data = done
            raise failure
        return done, notices


def _refuse_untrusted(found: directory.Found) -> None:
    """A connector that came with a project runs nothing before the user trusts that project."""
    if found.pack.scope != "project":
        return
    trust = state(project_dir(), home())
    if not trust.trusted:
        raise Denied(
            "trust.untrusted",
            f"the connector '{found.name}' came with a project that is not trusted",
            cause=trust.why,
            hint="look at it, then: cowork config trust",
            details={"project": trust.project},
        )


def _refuse_uncallable(found: directory.Found) -> None:
    if found.pack.state != "active":
        raise NotFound(
            "connector.disabled",
            f"the connector '{found.name}' is turned off",
            cause=f"its pack '{found.pack.name}' is {found.pack.state}",
            hint=f"turn it on with: cowork pack enable {found.pack.name}",
            details={"connector": found.name, "pack": found.pack.name},
        )
    if found.type == "mcp":
        raise NotFound(
            "connector.not_callable",
            f"'{found.name}' is an MCP server, which is not called by itself",
            hint="connectors of type http, shell and script can be called: cowork connector list",
            details={"connector": found.name, "pack": found.pack.name},
        )


def _prepare(
    model: ConnectorModel,
    pack: Path,
    values: Values,
    given: Mapping[str, Any],
    secrets: Secrets,
    environ: Mapping[str, str],
    limit: float,
) -> _Prepared:
    if model.http is not None and model.type == "http":
        return _http(model, values, limit)
    if model.shell is not None and model.type == "shell":
        from cowork.connectors import shell

        job = shell.prepare(model.shell.command, model.shell.cwd, pack, values, secrets, environ, limit)
        return _Prepared(_process_plan(job), lambda: _run(job, secrets, script=False))
    assert model.script is not None
    from cowork.connectors import script

    runs = script.prepare(model.script.body, model.script.runtime, given, pack, secrets, environ, limit)
    return _Prepared(_process_plan(runs), lambda: _run(runs, secrets, script=True))


def _http(model: ConnectorModel, values: Values, limit: float) -> _Prepared:
    from cowork.connectors import http
    from cowork.web import guard

    assert model.http is not None
    body = model.http
    request, shown = http.prepare(body, values), http.prepare(body, values.for_show())
    guard.check_url(request.url)
    size = f", a body of {len(shown.body)} bytes" if shown.body else ""
    headers = f", headers {', '.join(shown.headers)}" if shown.headers else ""
    plan = (Step("send", f"{shown.method} {shown.url}", f"at most {limit:g} s{headers}{size}"),)

    def run() -> tuple[Reply, CoworkError | None]:
        reply = http.send(request, body.response_format, limit)
        return reply, http.refused(reply)

    return _Prepared(plan, run)


def _process_plan(job: Job) -> tuple[Step, ...]:
    detail = f"in {job.cwd}, at most {job.timeout_s:g} s"
    return (Step("run", job.shown, f"{detail}, {job.detail}" if job.detail else detail),)


def _run(job: Job, secrets: Secrets, *, script: bool) -> tuple[Reply, CoworkError | None]:
    """Run a process and read its outcome: a script's result is JSON, a command's what it printed."""
    from cowork.connectors import process

    ended = process.run(job)
    stdout, stderr = (secrets.hide(_printed(raw, ended, secrets)) for raw in (ended.stdout, ended.stderr))
    reply = Reply(exit_code=ended.exit_code, stdout=stdout, stderr=stderr, truncated=ended.truncated)
    failure = _failure(ended, job, stderr)
    if failure is None and script:
        from cowork.connectors.script import result_of

        try:
            return Reply(exit_code=0, body=result_of(ended), stderr=stderr, truncated=ended.truncated), None
        except CoworkError as error:
            failure = error
    return reply, failure


def _printed(raw: bytes, ended: Ended, secrets: Secrets) -> str:
    """Output as text. Where it was cut, the end might be a part of a secret, which would not be recognized as one."""
    if ended.truncated and secrets.longest:
        raw = raw[: -secrets.longest]
    return raw.decode("utf-8", "replace")


def _failure(ended: Ended, job: Job, stderr: str) -> CoworkError | None:
    said = one_line(stderr.strip().rpartition("\n")[2]) or None
    if ended.timed_out:
        return LimitReached(
            "connector.timeout",
            f"the connector did not end within {job.timeout_s:g} s and was killed",
            cause=said,
            hint="give it more with --timeout; timeouts of a manifest are in milliseconds",
            details={"timeout_s": job.timeout_s},
        )
    if ended.exit_code:
        return CoworkError(
            "connector.command_failed",
            f"the connector's process ended with status {ended.exit_code}",
            cause=said,
            hint="see what it printed",
            details={"exit_code": ended.exit_code},
        )
    return None


def _names_used(model: ConnectorModel) -> set[str]:
    """The input names that stand in the definition; a script is given the whole input."""
    if model.type == "script":
        return {"input"}
    texts = [getattr(model, model.type).model_dump(mode="json")]
    names = set()
    while texts:
        item: Any = texts.pop()
        if isinstance(item, str):
            names |= {part.name for part in pieces(item) if isinstance(part, Ref) and part.kind == "input"}
        elif isinstance(item, dict):
            texts += item.values()
        elif isinstance(item, list):
            texts += item
    return names


def _call(found: directory.Found, reply: Reply, plan: tuple[Step, ...], secrets: Secrets, *, dry_run: bool) -> ConnectorCall:
    return ConnectorCall(
        connector=found.name,
        pack=found.pack.name,
        type=found.type,
        status=reply.status,
        exit_code=reply.exit_code,
        body=secrets.hide(reply.body),
        stdout=secrets.hide(reply.stdout),
        stderr=secrets.hide(reply.stderr),
        truncated=reply.truncated,
        dry_run=dry_run,
        plan=tuple(Step(step.action, secrets.hide(step.target), secrets.hide(step.detail)) for step in plan),
    )
