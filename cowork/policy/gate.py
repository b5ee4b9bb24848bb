"""The one gate: every mutation and every use asks it, it keeps a log of what it says, and it fails closed."""

from __future__ import annotations

from cowork.core.errors import Denied, InvalidInput
from cowork.formats.policies import Policies
from cowork.policy import rules, store
from cowork.policy.actions import Action
from cowork.policy.packs import DEFAULT
from cowork.policy.refusals import UNREADABLE, refusal, unreadable
from cowork.policy.rules import Verdict


def ask(action: Action) -> Verdict:
    """What the policies say about an action. Nothing is written. Raises `policy.unreadable` and nothing else."""
    verdict, refused = _judge(action)
    if refused is not None and verdict.rule == UNREADABLE:
        raise refused
    return verdict


def require(action: Action, *, dry_run: bool = False) -> Verdict:
    """Let an action pass, or refuse it. Either is written to the audit log first, unless it is a dry run.

    Raises Denied: `policy.unreadable`, `policy.pack_denied`, `policy.pack_required`, `policy.git_install_denied`,
    `policy.url_install_denied`, `policy.custom_packs_denied`, `policy.connector_denied`, `policy.heartbeat_too_frequent`,
    `policy.too_many_twins`; and `audit.not_writable`, because what cannot be logged may not be done.
    """
    verdict, refused = _judge(action)
    if not dry_run:
        _log(action, verdict)
    if refused is not None:
        raise refused
    return verdict


def refuse(action: Action, *, dry_run: bool = False) -> None:
    """Refuse an action that would not pass, as `require` does and logged like that; say and write nothing of one that would.

    For a first look, where the whole of the action is not known yet and `require` follows once it is.
    """
    verdict, refused = _judge(action)
    if refused is not None:
        if not dry_run:
            _log(action, verdict)
        raise refused


def policies_or_refuse() -> Policies:
    """The policies in force. A bad policy file is a refusal (`policy.unreadable`), never a default."""
    try:
        return store.load()
    except InvalidInput as error:
        raise unreadable(error) from error


def _judge(action: Action) -> tuple[Verdict, Denied | None]:
    """The verdict, and the refusal it comes to."""
    try:
        policies = store.load()
    except InvalidInput as error:
        if action.mends:
            return Verdict(True, False, DEFAULT, "it puts right what cannot be read", ()), None
        return Verdict(False, False, UNREADABLE, error.message, ()), unreadable(error)
    verdict = rules.judge(action, policies)
    return verdict, None if verdict.allowed else refusal(action, verdict)


def _log(action: Action, verdict: Verdict) -> None:
    from cowork.policy import audit  # the fast paths write no log

    try:
        audit.record(action, verdict)
    except Denied:
        if verdict.allowed:  # otherwise it is refused anyway, and for the better reason
            raise
