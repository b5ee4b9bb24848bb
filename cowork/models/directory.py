"""Providers as the `provider` verbs answer them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from cowork.core.clock import Clock
from cowork.core.errors import CoworkError, Unavailable
from cowork.core.outcome import Notice
from cowork.core.settings import Settings
from cowork.models import catalogue, select
from cowork.models.catalogue import REHEARSAL
from cowork.models.chat import ChatRequest
from cowork.models.select import REHEARSAL_MODEL, Target

_CHECK_PROMPT = "Reply with the single word: ready"
_CHECK_TOKENS = 64


@dataclass(frozen=True)
class ProviderItem:
    """A provider. `configured`: its key and whatever else it needs are set; `chosen`: it is used when none is named.

    `program` is that of a command-line agent, which is configured when it is installed.
    """

    id: str
    name: str
    aliases: tuple[str, ...]
    style: str
    base_url: str
    base_url_env: str | None
    key_env: tuple[str, ...]
    configured: bool
    chosen: bool
    local: bool
    default_model: str | None
    status: str
    confidence: str
    price_known: bool
    note: str | None
    program: str | None = None


@dataclass(frozen=True)
class ProviderList:
    """Providers in the catalogue's order, rehearsal last."""

    items: tuple[ProviderItem, ...]
    count: int


@dataclass(frozen=True)
class ProviderCheck:
    """One tiny call. `code` names the class of the failure; `message` says it, or quotes the answer's first words."""

    provider: str
    model: str
    ok: bool
    code: str | None
    message: str
    seconds: float


@dataclass(frozen=True)
class ProviderChecks:
    """The checks made, in the order asked."""

    items: tuple[ProviderCheck, ...]
    count: int


def list_providers(settings: Settings, *, configured: bool = False) -> ProviderList:
    """Every provider, or only those that are ready."""
    chosen = _chosen(settings)
    items = [
        ProviderItem(
            id=provider.id,
            name=provider.name,
            aliases=provider.aliases,
            style=provider.style,
            base_url=provider.base_url,
            base_url_env=provider.base_url_env or None,
            key_env=provider.key_env,
            configured=provider.configured(),
            chosen=provider.id == chosen,
            local=provider.local,
            default_model=provider.default_model,
            status=provider.status,
            confidence=provider.confidence,
            price_known=provider.prices is not None,
            note=provider.limits,
            program=provider.command.program if provider.command else None,
        )
        for provider in catalogue.providers()
    ]
    items.append(_rehearsal(chosen=chosen == REHEARSAL))
    kept = tuple(item for item in items if item.configured or item.chosen or not configured)
    return ProviderList(kept, len(kept))


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
        raise Unavailable(
            "provider.check_failed",
            f"{len(failed)} of {checks.count} provider(s) did not answer",
            cause="; ".join(check.message for check in failed),
            hint="see the code of each check: auth, funds, region, bad_model, rate_limited, unavailable",
            data=checks,
        )
    return checks, notices


async def _check_all(targets: list[Target], settings: Settings, clock: Clock) -> list[ProviderCheck]:
    return list(await asyncio.gather(*(_check(target, settings, clock) for target in targets)))


async def _check(target: Target, settings: Settings, clock: Clock) -> ProviderCheck:
    started = clock.monotonic()

    def outcome(code: str | None, message: str) -> ProviderCheck:
        seconds = round(clock.monotonic() - started, 3)
        return ProviderCheck(target.provider, target.model, code is None, code, message, seconds)

    try:
        model = select.open_model(target, settings)
        try:
            reply = await model.reply(ChatRequest(_CHECK_PROMPT, max_tokens=_CHECK_TOKENS), lambda _text: None)
        finally:
            await model.close()
    except CoworkError as error:
        return outcome(error.code.removeprefix("provider."), error.message)
    return outcome(None, reply.text.strip().splitlines()[0][:80])


def _chosen(settings: Settings) -> str | None:
    """The provider used when none is named; None when the settings name an unusable one, which the list helps to mend."""
    try:
        return select.default(settings)[0].provider
    except CoworkError:
        return None


def _rehearsal(*, chosen: bool) -> ProviderItem:
    return ProviderItem(
        id=REHEARSAL,
        name="Rehearsal (offline, no model)",
        aliases=(),
        style="built in",
        base_url="",
        base_url_env=None,
        key_env=(),
        configured=True,
        chosen=chosen,
        local=True,
        default_model=REHEARSAL_MODEL,
        status="active",
        confidence="verified",
        price_known=True,
        note="answers from the words of the prompt, deterministically, and says so",
    )
