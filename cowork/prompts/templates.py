"""Built-in prompt templates: sandboxed Jinja2, strict about missing variables."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from cowork.core.paths import data_dir

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    from jinja2 import FileSystemLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(data_dir("templates")),
        undefined=StrictUndefined,
        autoescape=False,  # prompts are plain text; values are fenced, not escaped
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        auto_reload=False,  # they change with the program only: no look at every file for every prompt
    )


def render(name: str, /, **variables: Any) -> str:
    """The built-in template `name` (a path below `templates/`) filled with `variables`."""
    return _environment().get_template(name).render(**variables).strip()
