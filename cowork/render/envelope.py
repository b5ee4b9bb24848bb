"""The JSON envelope: one closed set of keys on success and on failure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cowork.core.errors import CoworkError
from cowork.core.outcome import Notice
from cowork.core.plain import to_plain
from cowork.core.text import safe_json


def success(schema: str, data: Any, warnings: Sequence[Notice], fields: Sequence[str] = ()) -> dict[str, Any]:
    """The envelope of an answer."""
    return _envelope(schema, ok=True, data=_chosen(to_plain(data), fields), warnings=warnings, error=None)


def failure(schema: str, error: CoworkError, warnings: Sequence[Notice], fields: Sequence[str] = ()) -> dict[str, Any]:
    """The envelope of a failure; a partial result stays in `data`."""
    details = to_plain(error.details)
    if error.cause:
        details["cause"] = error.cause
    shown = {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "exit": error.exit_code,
        "details": details,
    }
    return _envelope(schema, ok=False, data=_chosen(to_plain(error.data), fields), warnings=warnings, error=shown)


def _chosen(plain: Any, fields: Sequence[str]) -> Any:
    if not fields or plain is None:
        return plain
    from cowork.render.fields import pick

    return pick(plain, fields)


def _envelope(schema: str, *, ok: bool, data: Any, warnings: Sequence[Notice], error: Any) -> dict[str, Any]:
    listed = [{"code": notice.code, "message": notice.message} for notice in warnings]
    return {"schema": schema, "ok": ok, "data": data, "warnings": listed, "error": error}


def line(document: dict[str, Any]) -> str:
    """The document on one line, safe for a terminal."""
    return safe_json(json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)) + "\n"
