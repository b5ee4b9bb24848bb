"""What prompts are told about a project, for a person: the text itself, so that it can be piped."""

from __future__ import annotations

from cowork.prompts.extraction import ProjectContext
from cowork.prompts.tree import Tree
from cowork.render.screen import Screen


def project(data: ProjectContext, screen: Screen) -> None:
    """The text as a prompt holds it."""
    screen.raw(data.text)


def tree(data: Tree, screen: Screen) -> None:
    """The tree."""
    screen.raw(data.text)
