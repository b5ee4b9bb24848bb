"""Small documents that keep every rule of their format; tests change one thing at a time."""

from __future__ import annotations

import copy
from typing import Any

MANIFEST: dict[str, Any] = {
    "name": "my-pack",
    "displayName": "My Pack",
    "version": "1.0.0",
    "description": "A pack",
    "type": "pack",
    "author": "Somebody",
    "keywords": ["one", "two"],
    "icon": "🔧",
    "category": "Custom",
    "personaTemplateId": "software-engineer",
    "recommendedConnectors": ["hubspot-mcp"],
    "tryAsking": ["Do this"],
    "skills": [
        {
            "id": "my-skill",
            "name": "My Skill",
            "description": "Does something",
            "icon": "⚡",
            "category": "Engineering",
            "prompt": "Do {{what}} {{how}}",
            "parameters": [
                {"name": "what", "type": "string", "description": "What to do", "required": True},
                {"name": "how", "type": "select", "description": "How", "default": "well", "options": ["well", "fast"]},
                {"name": "times", "type": "number", "default": 2},
                {"name": "loud", "type": "boolean", "default": False},
            ],
            "enabled": True,
        }
    ],
    "agentRoles": [
        {
            "name": "my-assistant",
            "displayName": "My Assistant",
            "description": "Helps",
            "icon": "🤖",
            "color": "#6366f1",
            "capabilities": ["analyze"],
            "systemPrompt": "You help.",
        }
    ],
    "slashCommands": [{"name": "my-skill", "description": "Do it", "skillId": "my-skill"}],
    "connectors": [
        {
            "name": "my-service",
            "description": "A service",
            "type": "http",
            "inputSchema": {"type": "object", "properties": {"query": {"type": "string"}}},
            "http": {"url": "https://api.example.com/{{query}}", "method": "GET", "headers": {"Authorization": "Bearer x"}},
        }
    ],
}

PERSONA: dict[str, Any] = {
    "id": "tester",
    "version": "1.0.0",
    "name": "Tester",
    "description": "Tests things",
    "icon": "🧪",
    "color": "#2563eb",
    "category": "engineering",
    "role": {
        "capabilities": ["test"],
        "autonomyLevel": "specialist",
        "personalityId": "technical",
        "systemPrompt": "You test.",
        "soul": '{"name": "Tester Twin", "focusAreas": ["tests"]}',
    },
    "heartbeat": {"enabled": True, "intervalMinutes": 30, "staggerOffset": 5},
    "cognitiveOffload": {
        "primaryCategories": ["review-preparation"],
        "proactiveTasks": [
            {
                "id": "look",
                "name": "Look",
                "description": "Looks around",
                "category": "review-preparation",
                "promptTemplate": "Look around.",
                "frequencyMinutes": 60,
                "priority": 1,
                "enabled": True,
                "evidence": ["git-activity"],
            },
            {
                "id": "dig",
                "name": "Dig",
                "category": "documentation",
                "promptTemplate": "Dig deeper.",
                "frequencyMinutes": 1440,
                "priority": 2,
                "enabled": False,
            },
        ],
    },
    "skills": [{"skillId": "my-skill", "reason": "helps", "required": False}],
    "tags": ["test"],
    "seniorityRange": ["junior"],
    "industryAgnostic": True,
}


def manifest(**changes: Any) -> dict[str, Any]:
    """The sample manifest with top-level fields replaced."""
    return {**copy.deepcopy(MANIFEST), **changes}


def persona(**changes: Any) -> dict[str, Any]:
    """The sample persona template with top-level fields replaced."""
    return {**copy.deepcopy(PERSONA), **changes}


REMOVE = object()


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of `document` with the value at the dotted `path` replaced, or removed when it is REMOVE."""
    result = copy.deepcopy(document)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    holder: Any = result
    for part in parents:
        holder = holder[part]
    if value is REMOVE:
        del holder[last]
    else:
        holder[last] = value
    return result
