"""A pack for the transcripts of the documents: small, useful, and with something to approve from 1.1.0 on."""

from __future__ import annotations

import json

_SKILL = {
    "id": "price-check",
    "name": "Price check",
    "description": "Checks a quote against the price list before it goes out",
    "prompt": (
        "Check this quote line by line against our price list:\n\n{{quote}}\n\n"
        "Answer with:\n1. Lines that differ from the list, and by how much\n2. Discounts that need a signature\n3. What to ask"
    ),
    "parameters": [{"name": "quote", "type": "string", "description": "The quote, as text", "required": True}],
    "enabled": True,
}
_CONNECTOR = {
    "name": "price-list",
    "description": "Looks up a price",
    "type": "http",
    "inputSchema": {"type": "object", "properties": {"sku": {"type": "string"}}, "required": ["sku"]},
    "http": {
        "url": "https://prices.acme.example/v1/prices/{{sku}}",
        "method": "GET",
        "headers": {"Authorization": "Bearer {{env.PRICES_TOKEN}}"},
    },
}


def quotes(version: str) -> dict[str, str]:
    """The files of the pack `quotes` in a version; from 1.1.0 on it asks a price list."""
    later = version != "1.0.0"
    document = {
        "name": "quotes",
        "displayName": "Quotes",
        "version": version,
        "description": "Checks quotes before they go out",
        "type": "pack",
        "author": "Acme Sales",
        "category": "Sales",
        "tryAsking": ["Check this quote for mistakes"],
        "skills": [_SKILL],
        "slashCommands": [{"name": "price-check", "description": "Check a quote", "skillId": "price-check"}],
        **({"connectors": [_CONNECTOR]} if later else {}),
    }
    files = {"cowork.plugin.json": json.dumps(document, indent=2) + "\n", "README.md": "# Quotes\n"}
    return {**files, "docs/discounts.md": "Discounts over 15 % need a signature.\n"} if later else files
