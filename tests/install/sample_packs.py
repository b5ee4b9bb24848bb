"""Packs and plugins of every format that may be installed, as files by path: sound, small, and without a surprise."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

Tree = dict[str, str]

RUN = "scripts/format.sh"
"""The executable file of `CLAUDE_PLUGIN`."""


def below(directory: str, files: Mapping[str, str]) -> Tree:
    """The same files in a directory."""
    return {f"{directory}/{path}": text for path, text in files.items()}


def without(files: Mapping[str, str], *paths: str) -> Tree:
    """The files except some."""
    return {path: text for path, text in files.items() if path not in paths}


def skill_md(name: str, description: str = "", body: str = "") -> str:
    """A SKILL.md that keeps the rules of agentskills.io."""
    about = description or f"Use it when somebody asks for {name.replace('-', ' ')}."
    text = body or f"# {name}\n\nDo {name}, and answer as a list:\n\n1. What you found\n2. What to do"
    return f"---\nname: {name}\ndescription: {about}\n---\n\n{text}\n"


def skill(skill_id: str, **more: Any) -> dict[str, Any]:
    """A skill of a manifest, with a parameter."""
    return {
        "id": skill_id,
        "name": skill_id.replace("-", " ").title(),
        "description": f"Does what {skill_id} says",
        "prompt": f"Do {skill_id} with this:\n\n{{{{input}}}}\n\nAnswer as a list:\n1. Findings\n2. Next steps",
        "parameters": [{"name": "input", "type": "string", "description": "What to work on", "required": True}],
        "enabled": True,
        **more,
    }


def manifest(name: str, skills: Iterable[dict[str, Any]], *, version: str = "1.0.0", **more: Any) -> str:
    """A `cowork.plugin.json`."""
    document = {
        "name": name,
        "displayName": name.replace("-", " ").title(),
        "version": version,
        "description": f"The {name} pack",
        "type": "pack",
        "author": "Tess Test",
        "icon": "🗒️",
        "category": "Productivity",
        "keywords": [name],
        "tryAsking": [f"Do {name}"],
        "skills": list(skills),
        **more,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def http_connector(url: str = "https://api.example.com/notes/{{id}}") -> dict[str, Any]:
    """A connector that fetches."""
    return {
        "name": "notes-api",
        "description": "Fetches a note",
        "type": "http",
        "inputSchema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        "http": {"url": url, "method": "GET", "headers": {"Authorization": "Bearer {{env.NOTES_TOKEN}}"}},
    }


def shell_connector(command: str = "wc -w {{path}}") -> dict[str, Any]:
    """A connector that runs a command."""
    return {
        "name": "count-words",
        "description": "Counts the words of a file",
        "type": "shell",
        "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
        "shell": {"command": command},
    }


def role(name: str) -> dict[str, Any]:
    """An agent role."""
    return {
        "name": name,
        "displayName": name.replace("-", " ").title(),
        "description": "Helps",
        "icon": "🤖",
        "color": "#6366f1",
        "capabilities": ["analyze", "write"],
        "systemPrompt": "You help with notes.",
    }


def pack(name: str = "note-keeper", version: str = "1.0.0", **more: Any) -> Tree:
    """A pack with two skills and nothing that needs approval, unless `more` of its manifest brings it."""
    skills = [skill("take-notes"), skill("find-notes")]
    commands = [{"name": "take-notes", "description": "Take notes", "skillId": "take-notes"}]
    return {
        "cowork.plugin.json": manifest(name, skills, version=version, slashCommands=commands, **more),
        "README.md": f"# {name}\n\nTakes notes.\n",
    }


COWORK_PACK: Tree = {
    **pack(
        connectors=[http_connector(), shell_connector()],
        agentRoles=[role("note-assistant")],
        skillDirectories=[{"id": "sort-notes", "path": "skills/sort-notes"}],
    ),
    "skills/sort-notes/SKILL.md": skill_md("sort-notes"),
    "skills/sort-notes/reference/orders.md": "# Orders\n\nBy date, by title.\n",
    "LICENSE": "MIT License\n",
}
"""A cowork pack with skills, a skill directory, a slash command, an agent role, an http and a shell connector."""

CLAUDE_PLUGIN: Tree = {
    ".claude-plugin/plugin.json": json.dumps(
        {"name": "tidy", "version": "1.2.0", "description": "Tidies code", "author": {"name": "Tess Test"}}, indent=2
    ),
    "hooks/hooks.json": json.dumps(
        {
            "description": "Formats what was written",
            "hooks": {
                "PostToolUse": [
                    {
                        "matcher": "Edit|Write",
                        "hooks": [{"type": "command", "command": f"${{CLAUDE_PLUGIN_ROOT}}/{RUN}", "timeout": 10}],
                    }
                ]
            },
        },
        indent=2,
    ),
    "commands/tidy.md": "---\ndescription: Tidy a file\nargument-hint: <path>\n---\n\nTidy $ARGUMENTS.\n",
    "agents/tidier.md": "---\nname: tidier\ndescription: Tidies code\ntools: Read, Edit\n---\n\nYou tidy code.\n",
    "skills/tidy-imports/SKILL.md": skill_md("tidy-imports"),
    "skills/tidy-imports/order.md": "# Order\n\nStandard library first.\n",
    ".mcp.json": json.dumps(
        {"mcpServers": {"docs": {"command": "docs-server", "args": ["--stdio"], "env": {"DOCS_TOKEN": "${DOCS_TOKEN}"}}}},
        indent=2,
    ),
    RUN: "#!/bin/sh\nexit 0\n",
    "README.md": "# tidy\n",
}
"""A Claude Code plugin with hooks, a command, an agent, a skill, an MCP server and an executable script (`RUN`)."""

CLAUDE_PLUGIN_WITHOUT_MANIFEST: Tree = without(
    CLAUDE_PLUGIN, ".claude-plugin/plugin.json", "hooks/hooks.json", ".mcp.json", RUN
)
"""What is left is still a plugin, named after its directory."""

BARE_SKILLS: Tree = {
    "README.md": "# Skills\n",
    "alpha/SKILL.md": skill_md("alpha"),
    "alpha/data/table.csv": "a,b\n1,2\n",
    "beta/SKILL.md": skill_md("beta"),
}
"""A repository of skills, each in a directory at the top."""

SKILLS_DIRECTORY: Tree = {
    "README.md": "# Skills\n",
    "skills/gamma/SKILL.md": skill_md("gamma"),
    "skills/delta/SKILL.md": skill_md("delta"),
    "skills/delta/notes.md": "Notes\n",
}
"""Skills in `skills/`, which together are a plugin named after its repository."""

ROOT_SKILL: Tree = {"SKILL.md": skill_md("epsilon"), "reference/more.md": "More\n", "LICENSE": "MIT License\n"}
"""A repository that is one skill."""

AGENT_PLUGIN: Tree = {
    "plugin.json": json.dumps(
        {
            "$schema": "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json",
            "name": "planner",
            "version": "0.3.0",
            "description": "Plans",
            "author": {"name": "Tess Test"},
        },
        indent=2,
    ),
    "skills/plan-week/SKILL.md": skill_md("plan-week"),
    "mcp.json": json.dumps({"mcpServers": {"calendar": {"type": "http", "url": "https://calendar.example.com/mcp"}}}, indent=2),
    "README.md": "# planner\n",
}
"""An Agent Plugin 1.0 with a skill and a remote MCP server."""

IN_A_SUBDIRECTORY: Tree = {
    "README.md": "# Everything in one repository\n",
    "src/main.py": "print('not part of the pack')\n",
    **below("tools/packs/note-keeper", pack()),
}
"""A pack deep inside a repository of other things."""


def marketplace(
    *, github_sha: str = "1" * 40, subdirectory_url: str = "https://example.com/tools.git", subdirectory_sha: str | None = None
) -> Tree:
    """A marketplace repository.

    It has a plugin at a relative path, one whose whole definition is its entry (`strict: false`, chosen skills of the root),
    one on GitHub pinned to a commit, and one in a subdirectory (`tools/packs/note-keeper`) of another repository.
    """
    elsewhere = {"source": "git-subdir", "url": subdirectory_url, "path": "tools/packs/note-keeper"}
    plugins = [
        {"name": "tidy", "source": "./plugins/tidy", "description": "Tidies code", "category": "development"},
        {
            "name": "writing-skills",
            "source": "./",
            "description": "Two skills for writers",
            "strict": False,
            "skills": ["./skills/outline", "./skills/proofread"],
        },
        {"name": "far-away", "source": {"source": "github", "repo": "example/far-away", "ref": "v1.0.0", "sha": github_sha}},
        {"name": "note-keeper", "source": elsewhere | ({"sha": subdirectory_sha} if subdirectory_sha else {})},
    ]
    listing = {"name": "example-market", "owner": {"name": "Tess Test", "email": "tess@example.com"}, "plugins": plugins}
    return {
        ".claude-plugin/marketplace.json": json.dumps(listing, indent=2),
        "README.md": "# Market\n",
        **below("plugins/tidy", CLAUDE_PLUGIN),
        "skills/outline/SKILL.md": skill_md("outline"),
        "skills/outline/forms.md": "Forms\n",
        "skills/proofread/SKILL.md": skill_md("proofread"),
        "skills/not-listed/SKILL.md": skill_md("not-listed"),
    }


def fifty_files(version: str = "1.0.0") -> Tree:
    """A pack of exactly 50 files.

    1.1.0 changes two of them, removes one, adds one, and brings an http connector: a capability that 1.0.0 did not have.
    """
    later = version != "1.0.0"
    directories = [f"topic-{number:02d}" for number in range(16)]
    more: dict[str, Any] = {"connectors": [http_connector()]} if later else {}
    files = {
        "cowork.plugin.json": manifest(
            "fifty-files",
            [skill("summarize-all")],
            version=version,
            skillDirectories=[{"id": name, "path": f"skills/{name}"} for name in directories],
            **more,
        ),
        "README.md": f"# Fifty files, version {version}\n",
    }
    for name in directories:
        files |= {
            f"skills/{name}/SKILL.md": skill_md(name),
            f"skills/{name}/reference.md": f"# {name}\n\n" + f"A line about {name}.\n" * 100,
            f"skills/{name}/examples/first.md": f"An example of {name}.\n",
        }
    if later:
        del files["skills/topic-15/examples/first.md"]
        files["CHANGELOG.md"] = "## 1.1.0\n\n- Notes from the API\n"
    return files
