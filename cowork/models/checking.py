"""`provider check`: one tiny call to each provider, and what to do about every way it can fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError, Unavailable
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.models import catalogue, errors, model_cache, model_list, select
from cowork.models.advice import advice
from cowork.models.chat import ChatRequest
from cowork.models.limiter import forget
from cowork.models.select import Target

_PROMPT = "Reply with the single word: ready"
_TOKENS = 64


@dataclass(frozen=True)
class ProviderCheck:
    """One tiny call. `code` names the class of the failure; `message` says it, or quotes the answer's first words.

    `hint` is what to do about it; `near` are models of the provider's list that may be meant by one that is not there.
    """

    provider: str
    model: str
    ok: bool
    code: str | None
    message: str
    seconds: float
    hint: str | None = None
    near: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProviderChecks:
    """The checks made, in the order asked."""

    items: tuple[ProviderCheck, ...]
    count: int


def check_providers(names: Sequence[str], settings: Settings, clock: Clock) -> tuple[ProviderChecks, tuple[Notice, ...]]:
    """Ask each named provider (`ID` or `ID/MODEL`), or the default one, for one word.

    Raises `provider.check_failed` with the checks as data when any fails.
    """
    notices: tuple[Notice, ...] = ()
    if names:
        targets = [select.parse(name) for name in names]
    else:
        default, notices = select.default(settings)
        targets = [default]
    checks = ProviderChecks(tuple(asyncio.run(_check_all(targets, settings, clock))), len(targets))
    failed = [check for check in checks.items if not check.ok]
    if failed:
        hints = dict.fromkeys(check.hint for check in failed if check.hint)
        raise Unavailable(
            "provider.check_failed",
            f"{len(failed)} of {checks.count} provider(s) did not answer",
            cause="; ".join(check.message for check in failed),
            hint=next(iter(hints)) if len(hints) == 1 else "see the hint of each check",
            data=checks,
        )
    return checks, notices


async def _check_all(targets: list[Target], settings: Settings, clock: Clock) -> list[ProviderCheck]:
    return list(await asyncio.gather(*(_check(target, settings, clock) for target in targets)))


async def _check(target: Target, settings: Settings, clock: Clock) -> ProviderCheck:
    started, asked_at = clock.monotonic(), clock.now()

    def outcome(code: str | None, message: str, hint: str | None = None, near: tuple[str, ...] = ()) -> ProviderCheck:
        seconds = round(clock.monotonic() - started, 3)
        return ProviderCheck(target.provider, target.model, code is None, code, message, seconds, hint, near)

    try:
        model = select.open_model(target, settings)
        try:
            reply = await model.reply(ChatRequest(_PROMPT, max_tokens=_TOKENS), lambda _text: None)
        finally:
            await model.close()
    except errors.CutError:
        forget(model, asked_at, clock.now())
        return outcome(None, "(thinks for longer than a check lets it)")
    except CoworkError as error:
        code, hint = error.code.removeprefix("provider."), error.hint
        near: tuple[str, ...] = ()
        if isinstance(error, errors.BadModelError) and not target.rehearsal:
            provider = catalogue.find(target.provider)
            near = await asyncio.to_thread(model_list.near, provider, target.model, clock)
            hint = model_cache.advice(provider.id, near)
        elif isinstance(error, errors.ProviderError) and not target.rehearsal:
            hint = advice(error, catalogue.find(target.provider))
        return outcome(code, error.message, hint, near)
    forget(model, asked_at, clock.now())
    return outcome(None, reply.text.strip().splitlines()[0][:80])
