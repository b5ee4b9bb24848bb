"""Persona templates by id, ready to make a twin of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cowork.core.errors import CoworkError, NotFound
from cowork.core.text import did_you_mean
from cowork.twins import template_files
from cowork.twins.template_files import TemplateFile, Templates

if TYPE_CHECKING:
    from cowork.formats.persona import Parsed, PersonaTemplate


def template_ids() -> list[str]:
    """The ids of the templates that can be used, sorted."""
    return list(template_files.load().found)


def find_template(template_id: str) -> PersonaTemplate:
    """The template with this id. Raises what `load_template` raises."""
    return load_template(template_id).template


def load_template(template_id: str) -> Parsed:
    """The template with this id, and what was mended in its file.

    Raises `persona.not_found` with a suggestion, or what is wrong with the file of that name: `persona.invalid`, `file.*`.
    """
    from cowork.formats import persona

    file = template_file(template_files.load(), template_id)
    return persona.Parsed(persona.validate(file.document, path=file.path), file.notices)


def template_file(templates: Templates, template_id: str) -> TemplateFile:
    """The file of the template with this id. Raises what `load_template` raises."""
    file = templates.found.get(template_id)
    if file is not None:
        return file
    if template_id in templates.broken:
        raise templates.broken[template_id]
    raise _unknown(template_id, templates)


def _unknown(template_id: str, templates: Templates) -> CoworkError:
    """The error for an id that no template has."""
    known = list(templates.found)
    hint = did_you_mean(template_id, known, f"there are: {', '.join(known[:20])}" if known else "there are none")
    return NotFound(
        "persona.not_found", f"there is no persona template '{template_id}'", hint=hint, details={"persona": template_id}
    )
