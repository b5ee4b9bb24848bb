"""The words of persona templates that are known. Others are kept and told: a word that is new must cost nobody a template."""

from __future__ import annotations

CATEGORIES = ("engineering", "management", "product", "data", "operations")
AUTONOMY = ("intern", "specialist", "lead")
CAPABILITIES = (
    "code",
    "review",
    "test",
    "design",
    "ops",
    "security",
    "research",
    "analyze",
    "plan",
    "document",
    "write",
    "communicate",
    "market",
    "manage",
    "product",
)
OFFLOAD = (
    "context-switching",
    "status-reporting",
    "information-triage",
    "decision-preparation",
    "documentation",
    "review-preparation",
    "dependency-tracking",
    "compliance-checks",
    "knowledge-curation",
    "routine-automation",
)
