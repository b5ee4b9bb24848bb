"""The texts cowork itself says to models: files under `templates/`, with `${NAME}` filled in once."""

from __future__ import annotations

import re
from functools import cache

from cowork.core.paths import data_dir

_VARIABLE = re.compile(r"\$\{([A-Z_]+)\}")


def text(name: str, **values: str) -> str:
    """The text in the file `name` below `templates/`. A value is never expanded again; unknown variables stay."""
    return _VARIABLE.sub(lambda match: values.get(match.group(1), match.group()), _file(name))


@cache
def _file(name: str) -> str:
    return (data_dir("templates") / name).read_text(encoding="utf-8").strip()
