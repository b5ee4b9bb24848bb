"""Errors as plain data, and back: what an agent failed with is raised again as what it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cowork.core import errors as core_errors
from cowork.core.errors import CoworkError
from cowork.models import errors as model_errors
from cowork.models.errors import ProviderError


def told(error: CoworkError) -> dict[str, Any]:
    """An error as plain data."""
    plain: dict[str, Any] = {
        "class": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "cause": error.cause,
        "hint": error.hint,
    }
    if isinstance(error, ProviderError):
        plain |= {
            "message": error.message.removeprefix(f"{error.provider}/{error.model}: "),
            "provider": error.provider,
            "model": error.model,
            "status": error.status,
            "retry_after": error.retry_after,
            "partial": error.partial,
        }
    return plain


def again(plain: Mapping[str, Any]) -> CoworkError:
    """The error that was told. Raises ValueError, KeyError or TypeError when it is none."""
    kind = _kind(plain["class"])
    if not isinstance(plain["message"], str) or not isinstance(plain["code"], str):
        raise TypeError("an error has a code and a message")
    if issubclass(kind, ProviderError):
        retry_after = plain["retry_after"]
        return kind(
            plain["message"],
            provider=str(plain["provider"]),
            model=str(plain["model"]),
            status=plain["status"],
            retry_after=None if retry_after is None else float(retry_after),
            partial=str(plain["partial"]),
            hint=plain["hint"],
        )
    return kind(plain["code"], plain["message"], cause=plain["cause"], hint=plain["hint"])


def _kind(name: Any) -> type[CoworkError]:
    for module in (model_errors, core_errors):
        found = getattr(module, name, None) if isinstance(name, str) else None
        if isinstance(found, type) and issubclass(found, CoworkError):
            return found
    return CoworkError  # one of a room above: its code tells it
