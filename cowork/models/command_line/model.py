"""A command-line agent as a model: run for each question, in a group of its own that ends with it."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cowork.core.cleaning import cleaned
from cowork.core.clock import Clock, SystemClock
from cowork.core.processes import Running
from cowork.core.secrets import Redactor
from cowork.models.catalogue import CommandLine
from cowork.models.chat import ChatReply, ChatRequest, OnText
from cowork.models.command_line.dialects import dialect
from cowork.models.command_line.failures import failure_class
from cowork.models.command_line.launch import code_of_the_project, guards, words
from cowork.models.command_line.prompt import folded
from cowork.models.command_line.reading import Captures, Reading
from cowork.models.command_line.tracing import MODERATE, OnSubagent, Tracer
from cowork.models.errors import (
    AuthError,
    DailyQuotaError,
    DownError,
    FundsError,
    IdleError,
    LateError,
    MalformedError,
    NotInstalledError,
    NoToolsError,
    ProviderError,
    TooBigError,
    UntrustedError,
    WaitError,
)
from cowork.models.waiting import wait_seconds

_LONGEST_MESSAGE, _LAST_WORDS, _LOOKED_AT = 500, 400, 2000  # characters
_MORE_TIME = "give it more time with COWORK_COMMAND_TIMEOUT_S"
_SHORT = 500  # characters of plain output that may be nothing but an error
_BEYOND_DOUBT = (WaitError, DailyQuotaError, FundsError, AuthError)

Wrap = Callable[[list[str]], list[str]]
"""Puts words in front of those that start an agent: a sandbox does."""


@dataclass(frozen=True)
class CommandRun:
    """How an agent is run.

    `directory` is where, None for the current one. With `work` it may change files there. `output` is the file its output is
    appended to (and what it says on stderr to one beside it), None for temporary ones. `on_subagent` hears of its subagents.
    `grace_s` are the seconds between asking it to end and killing it; `linger_s` those that one which has answered, and says
    nothing more, is waited for. One that says nothing at all for `idle_s` is ended, as one that takes longer than `timeout_s`,
    where the settings are not to decide. `wrap` has the last word on the command line. `variables` join its environment.
    """

    directory: Path | None = None
    work: bool = False
    output: Path | None = None
    on_subagent: OnSubagent | None = None
    grace_s: float = 5.0
    linger_s: float = 10.0
    idle_s: float | None = None
    timeout_s: float | None = None
    wrap: Wrap | None = None
    variables: Mapping[str, str] = field(default_factory=dict)


class CommandModel:
    """An agent of the catalogue. It answers in as many words as it likes: no flag of any bounds them.

    `environment` is all that is passed on; `redactor` knows what must not be stored; `tracing` is the level of what is reported
    of subagents.
    """

    rehearsal = False

    def __init__(
        self,
        command: CommandLine,
        *,
        provider: str,
        model: str,
        environment: Mapping[str, str],
        redactor: Redactor,
        timeout_s: float,
        tracing: str = MODERATE,
        run: CommandRun | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.provider = provider
        self.model = model
        self._command = command
        self._dialect = dialect(command.dialect)
        self._environment = environment
        self._redactor = redactor
        self._timeout_s = (run.timeout_s if run else None) or timeout_s
        self._tracing = tracing
        self._how = run or CommandRun()
        self._clock = clock or SystemClock()

    async def reply(self, request: ChatRequest, on_text: OnText) -> ChatReply:
        """Ask once, streaming what the agent says. Raises ProviderError.

        However this ends, also by cancellation, the agent and all it started have ended.
        """
        if request.tools:
            hint = f"{self.provider} has tools of its own; choose a --provider that is no command-line agent"
            raise self._error(NoToolsError, "a command-line agent takes no tools of others", hint=hint)
        tracer = Tracer(self._tracing, self._how.on_subagent, self._clock) if self._how.on_subagent else None
        captures = Captures.at(self._how.output, self._redactor)
        reading = Reading(self._dialect, on_text, tracer, captures)
        keep = False
        try:
            return await self._run(request, reading)
        except ProviderError:
            keep = True  # the error says where
            raise
        finally:
            captures.close(keep=keep)

    async def close(self) -> None:
        """Nothing to let go of: each run ends with its answer."""

    def clean(self, text: str) -> str:
        """A text without the secrets of the environment."""
        return self._redactor.text(text)

    async def _run(self, request: ChatRequest, reading: Reading) -> ChatReply:
        running = self._start(request, reading)
        by_itself = False
        try:
            try:
                late = await self._over(running, reading)
                by_itself = not running.is_running
            finally:
                await running.ask_to_end(self._how.grace_s)
        finally:
            code = running.close()
            reading.end()
        if reading.error is not None:
            raise reading.error
        if by_itself and code >= 0:
            reading.finish()
        reply = self._judged(reading, code, late)
        return replace(reply, exit_code=code if by_itself else None)

    def _start(self, request: ChatRequest, reading: Reading) -> Running:
        directory = self._how.directory or Path()
        code = code_of_the_project(self._command, directory)
        if code is not None:
            hint = "choose another --provider, or take it away if it is not wanted"
            raise self._error(UntrustedError, f"{self._command.program} would run what is in {code}", hint=hint)
        try:
            prompt = folded(request)
            argv, feed = self._words(), prompt.encode()
            if self._command.prompt == "argument":
                argv, feed = [*argv, f" {prompt}" if prompt.startswith("-") else prompt], b""
            return Running(
                self._how.wrap(argv) if self._how.wrap else argv,
                cwd=directory,
                environment={
                    **self._environment,
                    **self._how.variables,
                    **guards(self._command, directory, work=self._how.work),
                },
                told=reading.output,
                told_errors=reading.errors,
                feed=feed,
            )
        except ValueError:  # a NUL, or half of a surrogate pair
            raise self._error(MalformedError, "the request holds characters that are no text") from None
        except OSError as error:
            if error.errno == errno.E2BIG:
                raise self._error(TooBigError, "the prompt is too long for an argument of a program") from error
            kind = DownError if error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE) else NotInstalledError
            what = f"there is no directory {directory.absolute()}" if not directory.is_dir() else error.strerror
            raise self._error(kind, f"{self._command.program} cannot be started: {what}") from error

    def _words(self) -> list[str]:
        path = self._environment.get("PATH", "")
        return words(self._command, self.provider, self.model, work=self._how.work, path=path)

    async def _over(self, running: Running, reading: Reading) -> ProviderError | None:
        """Wait for the end of a run; the error that it is when its time is up."""
        ended = asyncio.ensure_future(running.ended())
        failed = asyncio.ensure_future(reading.failed.wait())
        try:
            async with asyncio.timeout(self._timeout_s):
                while not (ended.done() or failed.done()):
                    quiet, idle_s = asyncio.get_running_loop().time() - reading.heard_at, self._how.idle_s
                    linger_s = self._how.linger_s - (quiet if reading.answer.finished else 0.0)
                    if linger_s <= 0:
                        return None  # it has answered, and hangs
                    if idle_s is not None and quiet >= idle_s:
                        return self._error(IdleError, f"it said nothing for {idle_s:g} seconds", reading)
                    patience = linger_s if idle_s is None else min(linger_s, idle_s - quiet)
                    await asyncio.wait({ended, failed}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        except TimeoutError:
            return self._error(LateError, f"no answer within {self._timeout_s:g} seconds", reading, hint=_MORE_TIME)
        finally:
            ended.cancel()
            failed.cancel()
        return None

    def _judged(self, reading: Reading, code: int, late: ProviderError | None) -> ChatReply:
        """The answer of a run that ended with this exit status, or the error that it is."""
        answer = reading.answer
        said = reading.captures.errors.last_lines(_LAST_WORDS) or reading.noise[-_LAST_WORDS:]
        if answer.failure:
            raise self._failed(reading, answer.failure.message, answer.failure.status)
        if late is not None and not answer.finished:
            late.partial = reading.said  # it could still say something when it was asked to end
            raise late
        if reading.is_plain and code > 0:
            self._require_no_limit(reading, code, said)
        if code != 0 and not (answer.finished and answer.text.strip()):
            how = f"it ended with {code}" if code > 0 else f"it was killed by signal {-code}"
            more = f"{reading.captures.errors.last_lines(_LOOKED_AT)}\n{reading.noise}"
            raise self._failed(reading, f"{how}: {said}" if said else how, None, more)
        if not answer.text.strip() or answer.unfinished:
            raise self._error(MalformedError, f"it ended without an answer{': ' + said if said else ''}", reading)
        if not answer.is_whole:
            what = f"a line of {reading.dropped} bytes" if answer.lost else "a message"
            raise self._error(MalformedError, f"{what} is too long to read, so there is no whole answer", reading)
        reason = answer.finished.reason if answer.finished else None
        return ChatReply(answer.text, answer.model or self.model, answer.usage, reason, notes=reading.notes, usd=answer.usd)

    def _require_no_limit(self, reading: Reading, code: int, said: str) -> None:
        """Raise what a program that just prints, and failed, says of limits, money and logins on stderr; or on stdout, where
        that is all it says. Long output may be about anything.
        """
        text = said or (reading.said if len(reading.said) <= _SHORT else "")
        error = self._failed(reading, f"it ended with {code}: {text}", None)
        if isinstance(error, _BEYOND_DOUBT):
            raise error

    def _failed(self, reading: Reading, text: str, status: int | None, more: str = "") -> ProviderError:
        """A failure with these words; `more` may tell what it is, too."""
        kind = failure_class(status, f"{text}\n{more}")
        hints = {AuthError: "log in: start {} once by hand", UntrustedError: "start {} here by hand, and trust this directory"}
        hint = hints[kind].format(self._command.program) if kind in hints else None
        return self._error(kind, text, reading, hint=hint, status=status, retry_after=wait_seconds({}, f"{text}\n{more}"))

    def _error(
        self,
        kind: type[ProviderError],
        message: str,
        reading: Reading | None = None,
        *,
        hint: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> ProviderError:
        """An error without secrets or control characters, that says where all of the output is when that is kept."""
        clean = self._redactor.text(cleaned(message.encode(errors="replace"))).strip()
        error = kind(
            clean[:_LONGEST_MESSAGE],
            provider=self.provider,
            model=self.model,
            hint=hint,
            status=status,
            retry_after=retry_after,
            partial=reading.said if reading else "",
        )
        kept = reading.captures.output.path if reading else None
        if kept:
            error.hint = f"{error.hint}; all that it printed is in {kept}"
        return error
