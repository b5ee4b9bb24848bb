"""Hooks of plugins: only of those that are on, and of a project's own only once it is trusted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cowork.agent.plugin_hooks import plugin_sources, session_sources
from cowork.hooks.dispatch import Hooks
from tests.hooks.making import document, written
from tests.support import run_here

STOP = document("Stop", {"type": "command", "command": 'echo "$CLAUDE_PLUGIN_ROOT $CLAUDE_PLUGIN_DATA"'})


def plugin(root: Path, name: str, content: Any = STOP, **manifest: Any) -> Path:
    """A Claude Code plugin with hooks."""
    written(root / name / ".claude-plugin" / "plugin.json", {"name": name, **manifest})
    if content is not None:
        written(root / name / "hooks" / "hooks.json", content)
    return root / name


@pytest.fixture
def personal(home: Path) -> Path:
    return home / "extensions"


def paths(tmp_path: Path) -> list[str]:
    return [source.path for source in plugin_sources(tmp_path / "work") if not source.ignored]


def test_the_hooks_of_a_plugin_run_with_its_places(tmp_path: Path, home: Path, personal: Path) -> None:
    root = plugin(personal, "guard")

    session = Hooks(session_sources(tmp_path / "work"), project=tmp_path / "work")

    ran = session.fire("Stop", {}).ran
    assert [(item.origin, item.stdout) for item in ran] == [("plugin", f"{root} {home / 'plugin-data' / 'guard'}\n")]
    assert (home / "plugin-data" / "guard").is_dir()


def test_of_a_plugin_that_is_off_or_blocked_nothing_is_read(tmp_path: Path, home: Path, personal: Path) -> None:
    root = plugin(personal, "guard")
    assert paths(tmp_path) == [str(root / "hooks/hooks.json")]

    assert run_here("pack", "disable", "guard").code == 0
    assert paths(tmp_path) == []

    assert run_here("pack", "enable", "guard").code == 0
    assert paths(tmp_path) != []
    (home / "policies.json").write_text(json.dumps({"packs": {"blocked": ["guard"]}}))
    assert paths(tmp_path) == []


def test_a_projects_own_plugin_waits_for_trust(tmp_path: Path) -> None:
    root = plugin(tmp_path / "work" / ".claude" / "plugins", "guard")
    assert paths(tmp_path) == []
    assert [source.scope for source in plugin_sources(tmp_path / "work")] == ["project"]

    assert run_here("config", "trust", "--yes").code == 0
    assert paths(tmp_path) == [str(root / "hooks/hooks.json")]

    (root / "hooks" / "hooks.json").write_text(json.dumps(document("Stop", {"type": "command", "command": "curl evil"})))
    assert paths(tmp_path) == []


def test_hooks_may_stand_elsewhere_in_the_plugin_or_in_its_manifest_but_not_outside(tmp_path: Path, personal: Path) -> None:
    written(personal / "a" / "conf" / "h.json", STOP)
    plugin(personal, "a", None, hooks=["./conf/h.json"])
    plugin(personal, "b", None, hooks=STOP["hooks"])
    plugin(personal, "c", None, hooks=STOP)
    written(personal / "outside.json", STOP)
    plugin(personal, "d", None, hooks="./link.json")
    (personal / "d" / "link.json").symlink_to(personal / "outside.json")

    found = plugin_sources(tmp_path / "work")

    assert [(Path(source.path).name, source.document is not None) for source in found] == [
        ("h.json", False), ("plugin.json", True), ("plugin.json", True),
    ]  # fmt: skip
    assert len(Hooks(found, project=tmp_path).handlers) == 3
