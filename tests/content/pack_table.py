"""The bundled packs as the specification (plugin-packs.md, "Bundled Plugin Packs") lists them. A new pack is a new row."""

from __future__ import annotations

from typing import NamedTuple


class SkillRow(NamedTuple):
    """A skill, and what its line in the specification promises: each term occurs in the prompt, whatever its case."""

    id: str
    name: str
    terms: tuple[str, ...]


class PackRow(NamedTuple):
    """A pack. `persona` is the template that its digital twin is made from; `role` the agent role's display name."""

    name: str
    display_name: str
    icon: str
    category: str
    persona: str | None
    role: str
    skills: tuple[SkillRow, ...]
    try_asking: tuple[str, ...]


PACKS = (
    PackRow(
        name="engineering",
        display_name="Engineering",
        icon="👨\u200d💻",
        category="Engineering",
        persona="software-engineer",
        role="Engineering Assistant",
        skills=(
            SkillRow(
                "code-review-prep",
                "Code Review Prep",
                ("structured review summary", "risk assessment", "missing tests", "approval recommendation"),
            ),
            SkillRow(
                "dependency-audit",
                "Dependency Audit",
                ("CVEs", "outdated versions", "deprecated packages", "license issues"),
            ),
            SkillRow(
                "test-gap-analysis",
                "Test Gap Analysis",
                ("functions without coverage", "untested edge cases", "missing integration tests"),
            ),
            SkillRow(
                "standup-update",
                "Standup Update",
                ("1. Done", "2. In Progress", "3. Blocked", "4. Next", "recent git activity"),
            ),
        ),
        try_asking=(
            "Triage open PRs and build a prioritized review queue",
            "Check for outdated or vulnerable dependencies",
            "Which files changed this week but have no test coverage?",
            "Summarize the auth module changes for my review",
            "Scan for TODO/FIXME comments added this sprint",
        ),
    ),
    PackRow(
        name="devops",
        display_name="DevOps",
        icon="⚙️",
        category="Engineering",
        persona="devops-sre-engineer",
        role="DevOps Engineer",
        skills=(
            SkillRow(
                "incident-response",
                "Incident Response",
                (
                    "classification",
                    "triage steps",
                    "internal communication template",
                    "external communication template",
                    "escalation path",
                    "root cause checklist",
                    "mitigation options",
                    "post-mortem outline",
                ),
            ),
            SkillRow(
                "deployment-checklist",
                "Deployment Checklist",
                (
                    "pre-deployment",
                    "code review",
                    "tests",
                    "migrations",
                    "configs",
                    "deployment steps",
                    "post-deployment",
                    "health checks",
                    "smoke tests",
                    "monitoring",
                    "rollback procedure",
                ),
            ),
            SkillRow(
                "monitoring-setup",
                "Monitoring Setup",
                (
                    "key metrics",
                    "latency",
                    "throughput",
                    "errors",
                    "saturation",
                    "alert thresholds",
                    "dashboard layout",
                    "log aggregation",
                    "health checks",
                    "SLO and SLA targets",
                ),
            ),
            SkillRow(
                "post-mortem-report",
                "Post-mortem Report",
                (
                    "blameless",
                    "timeline",
                    "impact",
                    "5 Whys root cause",
                    "contributing factors",
                    "what went well",
                    "action items with owners",
                ),
            ),
            SkillRow(
                "terraform-plan-review",
                "Terraform Plan Review",
                ("terraform plan", "flag resource changes", "drift", "blast radius", "recommend approval or rejection"),
            ),
            SkillRow(
                "kubernetes-manifest-generation",
                "Kubernetes Manifest Generation",
                ("Kubernetes manifests", "review", "Deployments", "Services", "Ingress", "ConfigMaps", "Secrets", "HPA"),
            ),
            SkillRow(
                "cloud-migration-assessment",
                "Cloud Migration Assessment",
                ("6 Rs", "Rehost", "Replatform", "Refactor", "Repurchase", "Retain", "Retire", "cost estimation"),
            ),
            SkillRow(
                "docker-compose-generation",
                "Docker Compose File Generation",
                (
                    "Docker Compose",
                    "review",
                    "service definitions",
                    "networking",
                    "volumes",
                    "health checks",
                    "multi-stage builds",
                ),
            ),
        ),
        try_asking=(
            "Create an incident response plan for this production issue",
            "Generate a deployment checklist for the release",
            "Design monitoring and alerting for the payment service",
            "Write a blameless post-mortem for yesterday's outage",
            "What's our SLA compliance looking like this month?",
            "Review this Terraform plan and flag any risky changes",
            "Generate Kubernetes manifests for a Node.js API with Redis",
            "Assess these workloads for cloud migration readiness",
            "Create a Docker Compose setup for a full-stack app",
        ),
    ),
)
