"""`docs/schema/*.schema.json`, made from the models: `python -m tests.tools.json_schemas` writes them, a test compares."""

from __future__ import annotations

import json
from typing import Any, Protocol

from cowork.formats.agent_plugin import AgentPlugin
from cowork.formats.claude_plugin import ClaudePlugin
from cowork.formats.cowork_plugin_schema import Manifest
from cowork.formats.marketplace import Document
from cowork.formats.persona import PersonaTemplate
from cowork.formats.policies import FIELDS, READABLE_VERSIONS, VERSION
from tests.support import ROOT

DIRECTORY = ROOT / "docs" / "schema"


class Model(Protocol):
    """What can say its schema: every pydantic model can."""

    def model_json_schema(self, *, mode: Any = "validation") -> dict[str, Any]:
        """The JSON Schema."""


class _Policies:
    """Policies have a table of fields instead of a model."""

    def model_json_schema(self, *, mode: Any = "validation") -> dict[str, Any]:
        """The JSON Schema. That required and blocked may not overlap is beyond it."""
        sections: dict[str, Any] = {}
        for field in FIELDS:
            kinds: dict[str, dict[str, Any]] = {
                "names": {"type": "array", "items": {"type": "string", "minLength": 1}},
                "number": {"type": "integer", "minimum": field.least},
                "flag": {"type": "boolean"},
                "text": {"type": ["string", "null"], "minLength": 1},
                "path": {"type": ["string", "null"], "pattern": "^(/|~/|~$)"},
            }
            default = list(field.default) if field.kind == "names" else field.default
            section = sections.setdefault(field.section, {"type": "object", "additionalProperties": True, "properties": {}})
            section["properties"][field.key] = {"description": field.help, "default": default, **kinds[field.kind]}
        version = {"type": "integer", "enum": list(READABLE_VERSIONS), "default": VERSION}
        return {"type": "object", "additionalProperties": True, "properties": {"version": version, **sections}}


MODELS: dict[str, tuple[Model | type[Model], str]] = {
    "cowork.plugin": (Manifest, "cowork.plugin.json: the manifest of a pack"),
    "claude-plugin": (ClaudePlugin, ".claude-plugin/plugin.json: the manifest of a Claude Code plugin"),
    "marketplace": (Document, ".claude-plugin/marketplace.json: a list of plugins"),
    "agent-plugin": (AgentPlugin, "plugin.json: the manifest of an Agent Plugin 1.0.0"),
    "policies": (_Policies(), "policies.json: what an administrator allows"),
    "persona": (PersonaTemplate, "A persona template: the blueprint of a twin"),
}


def schemas() -> dict[str, str]:
    """The text of every schema, by file name."""
    found = {}
    for name, (model, title) in MODELS.items():
        body = model.model_json_schema(mode="validation")
        if model is PersonaTemplate:  # files carry the soul as a JSON text, which the model unpacks
            soul = body["$defs"]["Role"]["properties"]["soul"]
            soul["type"] = ["object", "string"]
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": title}
        found[f"{name}.schema.json"] = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    return found


if __name__ == "__main__":
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (DIRECTORY / name).write_text(text, encoding="utf-8")
