"""The personas as the sources list them: reference/packs-and-personas.md 6.4 for the figures, spec/digital-twins.md for
offload areas and task names. A new persona is a new row."""

from __future__ import annotations

from typing import NamedTuple


class TaskRow(NamedTuple):
    """A proactive task; `minutes` is how often."""

    id: str
    name: str
    minutes: int
    priority: int
    enabled: bool = True


class PersonaRow(NamedTuple):
    """A persona; `beat` and `stagger` in minutes; `offload` in the specification's order."""

    id: str
    category: str
    autonomy: str
    beat: int
    stagger: int
    offload: tuple[str, ...]
    tasks: tuple[TaskRow, ...]


PERSONAS = (
    PersonaRow(
        id="software-engineer",
        category="engineering",
        autonomy="specialist",
        beat=30,
        stagger=0,
        offload=("review-preparation", "dependency-tracking", "context-switching", "documentation"),
        tasks=(
            TaskRow("pr-triage", "PR Review Queue", 60, 1),
            TaskRow("test-coverage-gaps", "Test Coverage Scan", 240, 2),
            TaskRow("dependency-check", "Dependency Health", 480, 3),
            TaskRow("tech-debt-scan", "Tech Debt Scan", 1440, 4, enabled=False),
        ),
    ),
    PersonaRow(
        id="hardware-engineer",
        category="engineering",
        autonomy="specialist",
        beat=60,
        stagger=5,
        offload=("documentation", "compliance-checks", "dependency-tracking", "decision-preparation"),
        tasks=(
            TaskRow("design-review-tracker", "Design Review Action Items", 120, 1),
            TaskRow("spec-mismatch-check", "Specification Mismatch Detection", 480, 2),
            TaskRow("component-research", "Component Alternatives Research", 1440, 3, enabled=False),
        ),
    ),
    PersonaRow(
        id="qa-test-engineer",
        category="engineering",
        autonomy="specialist",
        beat=60,
        stagger=10,
        offload=("review-preparation", "compliance-checks", "routine-automation", "status-reporting"),
        tasks=(
            TaskRow("test-coverage-report", "Test Coverage Report", 240, 1),
            TaskRow("flaky-test-detector", "Flaky Test Detector", 480, 2),
            TaskRow("release-readiness-check", "Release Readiness Assessment", 1440, 3, enabled=False),
        ),
    ),
    PersonaRow(
        id="devops-sre-engineer",
        category="engineering",
        autonomy="specialist",
        beat=30,
        stagger=8,
        offload=("routine-automation", "compliance-checks", "dependency-tracking", "context-switching"),
        tasks=(
            TaskRow("security-advisory-scan", "Security Advisory Scan", 240, 1),
            TaskRow("incident-postmortem-tracker", "Incident Postmortem Action Tracker", 480, 2),
            TaskRow("sla-compliance-report", "SLA Compliance Report", 1440, 3, enabled=False),
        ),
    ),
    PersonaRow(
        id="engineering-manager",
        category="management",
        autonomy="lead",
        beat=30,
        stagger=2,
        offload=("status-reporting", "context-switching", "decision-preparation", "information-triage"),
        tasks=(
            TaskRow("sprint-health-check", "Sprint Health Check", 120, 1),
            TaskRow("one-on-one-prep", "1-on-1 Meeting Prep", 1440, 2),
            TaskRow("cross-team-dependency-scan", "Cross-Team Dependency Scan", 240, 3),
        ),
    ),
    PersonaRow(
        id="technical-director",
        category="management",
        autonomy="lead",
        beat=60,
        stagger=3,
        offload=("decision-preparation", "status-reporting", "context-switching", "knowledge-curation"),
        tasks=(
            TaskRow("tech-strategy-brief", "Technical Strategy Brief", 1440, 1),
            TaskRow("architecture-decision-review", "Architecture Decision Review", 480, 2),
            TaskRow("risk-register-update", "Technical Risk Register Update", 1440, 3),
        ),
    ),
    PersonaRow(
        id="vp-engineering",
        category="management",
        autonomy="lead",
        beat=120,
        stagger=7,
        offload=("status-reporting", "decision-preparation", "information-triage", "context-switching"),
        tasks=(
            TaskRow("executive-brief-prep", "Executive Brief", 1440, 1),
            TaskRow("okr-progress-tracker", "OKR Progress Tracker", 1440, 2),
            TaskRow("org-health-dashboard", "Organizational Health Dashboard", 1440, 3, enabled=False),
        ),
    ),
    PersonaRow(
        id="product-manager",
        category="product",
        autonomy="lead",
        beat=60,
        stagger=4,
        offload=("information-triage", "decision-preparation", "documentation", "context-switching"),
        tasks=(
            TaskRow("feature-request-triage", "Feature Request Triage", 240, 1),
            TaskRow("sprint-goal-alignment", "Sprint Goal Alignment Check", 480, 2),
            TaskRow("customer-feedback-digest", "Customer Feedback Digest", 1440, 3, enabled=False),
        ),
    ),
    PersonaRow(
        id="data-scientist",
        category="data",
        autonomy="specialist",
        beat=60,
        stagger=15,
        offload=("decision-preparation", "context-switching", "documentation", "knowledge-curation"),
        tasks=(
            TaskRow("data-quality-monitor", "Data Quality Monitor", 240, 1),
            TaskRow("experiment-status-tracker", "Experiment Status Tracker", 480, 2),
            TaskRow("pipeline-health-check", "Data Pipeline Health Check", 120, 3, enabled=False),
        ),
    ),
    PersonaRow(
        id="technical-writer",
        category="operations",
        autonomy="specialist",
        beat=120,
        stagger=12,
        offload=("documentation", "knowledge-curation", "review-preparation"),
        tasks=(
            TaskRow("doc-freshness-audit", "Documentation Freshness Audit", 480, 1),
            TaskRow("api-changelog-draft", "API Changelog Draft", 1440, 2),
            TaskRow("style-guide-compliance", "Style Guide Compliance Check", 1440, 3, enabled=False),
        ),
    ),
)
