"""Files that other programs run or obey."""

from __future__ import annotations

from tests.install.scan.samples import Scanner

NAMES = {
    "lib/python/x.pth": ("autorun_file", "critical"),
    "src/sitecustomize.py": ("autorun_file", "critical"),
    "usercustomize.py": ("autorun_file", "critical"),
    "x/.git/hooks/pre-commit": ("autorun_file", "critical"),
    "AUTORUN.INF": ("autorun_file", "critical"),
    "tests/conftest.py": ("autorun_file", "warning"),
    ".envrc": ("autorun_file", "warning"),
    ".devcontainer/devcontainer.json": ("autorun_file", "warning"),
    ".husky/pre-commit": ("autorun_file", "warning"),
    "Open me.lnk": ("autorun_file", "warning"),
    "tests/test_all.py": ("autorun_file", "note"),
    "src/a.test.ts": ("autorun_file", "note"),
    ".vscode/tasks.json": ("foreign_settings", "warning"),
    ".gitmodules": ("foreign_settings", "warning"),
    ".npmrc": ("foreign_settings", "warning"),
    ".env": ("foreign_settings", "warning"),
    ".env.production": ("foreign_settings", "warning"),
    ".claude/settings.json": ("foreign_settings", "warning"),
    ".mcp.json": ("agent_file", "note"),
    "docs/deep/.mcp.json": ("agent_file", "warning"),
    "CLAUDE.md": ("agent_file", "note"),
    "sub/AGENTS.md": ("agent_file", "note"),
    "setup.py": ("package_script", "note"),
}


def test_it_is_known_by_its_name(scanner: Scanner) -> None:
    found = {name: [(item.rule, item.severity) for item in scanner.findings("x = 1\n", name)] for name in NAMES}
    assert found == {name: [(f"scan.{rule}", severity)] for name, (rule, severity) in NAMES.items()}


ORDINARY = (
    "SKILL.md skills/a/SKILL.md cowork.plugin.json hooks/hooks.json scripts/run.py .env.example Makefile my-conftest.py.md"
    " testing.py latest.js agents/claude.md.txt .gitattributes package.json xpth"
)


def test_the_files_of_ordinary_packs_are_left_alone(scanner: Scanner) -> None:
    assert [item for name in ORDINARY.split() for item in scanner.findings("x = 1\n", name)] == []


def test_some_are_known_by_what_they_say(scanner: Scanner) -> None:
    assert scanner.worst("package_script", '{"scripts": {"postinstall": "node x.js"}}', "package.json") == "warning"
    assert scanner.worst("package_script", '{"scripts": {"install-deps": "x"}}', "package.json") is None
    assert (
        scanner.worst("autorun_file", '{"tasks": [{"runOptions": {"runOn": "folderOpen"}}]}', ".vscode/tasks.json")
        == "critical"
    )
    assert scanner.worst("autorun_file", "*.c filter=evil", ".gitattributes") == "warning"
