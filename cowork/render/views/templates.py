"""Prompt templates, for a person."""

from __future__ import annotations

from cowork.prompts.template_pages import RenderedTemplate, TemplateChecks, TemplateCopy, TemplateList, TemplatePage
from cowork.render.screen import Screen
from cowork.render.views.problems import show_problems


def listing(data: TemplateList, screen: Screen) -> None:
    """A table of templates."""
    rows = [
        (item.name, item.scope, item.style, "shadowed" if item.shadowed else "", item.description or item.path)
        for item in data.items
    ]
    screen.table(("TEMPLATE", "SCOPE", "STYLE", "", "WHAT FOR"), rows)


def page(data: TemplatePage, screen: Screen) -> None:
    """A template: where from, and its text."""
    screen.title(data.name, f"{data.scope}, {data.style}")
    screen.facts({"what for": data.description, "file": data.path, "shadows": ", ".join(data.shadows) or "none"})
    screen.section("Text")
    screen.raw(data.text)


def copied(data: TemplateCopy, screen: Screen) -> None:
    """Where the copy is, and what to do with it."""
    word = "replace" if data.replaced else "create"
    screen.title(f"would {word} {data.name}" if data.dry_run else f"{word}d {data.name}", f"from {data.source}")
    screen.raw(f"  edit    {data.path}")
    screen.raw(f"  check   cowork template check {data.name}")
    screen.raw(f"  try     cowork template render {data.name}")


def checked(data: TemplateChecks, screen: Screen) -> None:
    """What is wrong, by place."""
    show_problems(data.problems, screen)
    screen.text(f"{len(data.checked)} checked: {data.errors} errors")


def rendered(data: RenderedTemplate, screen: Screen) -> None:
    """The prompt and nothing else, for it may be piped."""
    screen.raw(data.text.rstrip("\n"))
