"""How large a document may be before anything looks at what it says."""

from __future__ import annotations

from typing import Any

from cowork.core.errors import InvalidInput

MAX_MANIFEST_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_KEYS = 100_000


def check_document(document: Any) -> None:
    """Refuse a parsed JSON document that nests too deep or has too many keys.

    Raises `file.too_deep` (more than MAX_DEPTH objects or lists inside each other) or `file.too_many_keys`.
    Walks level by level, because recursion would meet the very depth it is to refuse.
    """
    keys, depth = 0, 0
    level: list[Any] = [document]
    while level := [item for item in level if isinstance(item, (dict, list))]:
        depth += 1
        if depth > MAX_DEPTH:
            raise _refusal("file.too_deep", f"nests deeper than {MAX_DEPTH} levels", "flatten it", MAX_DEPTH)
        keys += sum(len(item) for item in level if isinstance(item, dict))
        if keys > MAX_KEYS:
            raise _refusal("file.too_many_keys", f"has more than {MAX_KEYS:,} keys", "split or shorten it", MAX_KEYS)
        level = [child for item in level for child in (item.values() if isinstance(item, dict) else item)]


def _refusal(code: str, what: str, hint: str, limit: int) -> InvalidInput:
    return InvalidInput(code, f"the document {what}", hint=hint, details={"limit": limit})
