"""Files of tasks as people and models write them."""

from __future__ import annotations

from pathlib import Path

PLAN = """\
{
  "name": "Shop",
  "owner": {"team": "orders", "since": 2.50},
  "tasks": [
    {
      "id": "schema",
      "title": "Tables for orders",
      "description": "Ärger vermeiden: “gültig” heißt gültig.",
      "priority": 1,
      "dependencies": [],
      "pattern": "debate",
      "completion_criteria": "migrations run twice without harm",
      "estimate": 1.50e0
    },
    {
      "id": "api", "title": "Read orders", "priority": "high", "dependencies": ["schema"],
      "completion_criteria": ["GET answers in JSON", "it is documented"],
      "status": "pending", "agent": "claude", "model": "opus", "checks": ["make test"], "labels": ["backend"],
      "notes": "see RFC 7"
    },
    {"id": "page", "title": "Page of orders", "dependencies": ["api"]}
  ]
}
"""

STORIES = """\
{
\t"project": "Shop",
\t"branchName": "ralph/shop",
\t"description": "Orders",
\t"userStories": [
\t\t{
\t\t\t"id": "US-001",
\t\t\t"title": "Tables",
\t\t\t"description": "As a developer I want tables.",
\t\t\t"acceptanceCriteria": ["Typecheck passes"],
\t\t\t"priority": 1,
\t\t\t"passes": true,
\t\t\t"notes": ""
\t\t},
\t\t{
\t\t\t"id": "US-002",
\t\t\t"title": "Page",
\t\t\t"acceptanceCriteria": ["It shows"],
\t\t\t"priority": 7,
\t\t\t"passes": false,
\t\t\t"dependsOn": ["US-001"],
\t\t\t"storyPoints": 3
\t\t}
\t],
\t"metadata": {"createdAt": "2026-01-31T08:05:00Z", "version": 1.0}
}
"""


def written(text: str | bytes, name: str = "tasks.json") -> Path:
    """A file in the working directory."""
    path = Path(name).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path
