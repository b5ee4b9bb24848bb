"""The hooks of a run: those of the organization, the user and the project, and those of active packs."""

from __future__ import annotations

from pathlib import Path

from cowork.agent.plugin_hooks import plugin_sources
from cowork.hooks import sources
from cowork.hooks.records import Source
from cowork.trust.state import Trust


def hook_sources(project: Path, trust: Trust) -> list[Source]:
    """Every source, strongest first. What an untrusted project brings is marked as ignored, and runs nothing."""
    return [*sources.session(str(project), trust), *plugin_sources()]
