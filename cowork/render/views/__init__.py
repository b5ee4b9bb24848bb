"""A person's view of each result, by schema name. A result without one of its own is shown field by field."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable
from typing import Any

from cowork.core.plain import to_plain
from cowork.render.screen import Screen

_VIEWS = {
    "cowork.pack.list/1": "packs:listing",
    "cowork.pack.show/1": "packs:detail",
    "cowork.pack.search/1": "packs:hits",
    "cowork.skill.list/1": "skills:listing",
    "cowork.skill.show/1": "skills:detail",
    "cowork.skill.render/1": "skills:rendered",
    "cowork.skill.run/1": "agents:ran",
    "cowork.pack.enable/1": "packs:switched",
    "cowork.pack.disable/1": "packs:switched",
    "cowork.pack.install/1": "installing:installation",
    "cowork.pack.import/1": "installing:installation",
    "cowork.pack.outdated/1": "installing:outdated",
    "cowork.pack.update/1": "installing:updated",
    "cowork.pack.rollback/1": "installing:rolled_back",
    "cowork.pack.verify/1": "installing:verified",
    "cowork.pack.pin/1": "installing:pinned",
    "cowork.pack.unpin/1": "installing:pinned",
    "cowork.pack.uninstall/1": "installing:uninstalled",
    "cowork.pack.export/1": "installing:exported",
    "cowork.pack.gc/1": "installing:collected",
    "cowork.pack.scaffold/1": "scaffold:scaffolded",
    "cowork.pack.validate/1": "problems:validated",
    "cowork.pack.lint/1": "problems:linted",
    "cowork.pack.scan/1": "scan:scanned",
    "cowork.pack.allow/1": "scan:allowed",
    "cowork.pack.try/1": "packs:tried",
    "cowork.pack.context/1": "packs:context",
    "cowork.skill.search/1": "skills:hits",
    "cowork.skill.match/1": "skills:matches",
    "cowork.skill.enable/1": "packs:switched",
    "cowork.skill.disable/1": "packs:switched",
    "cowork.run/1": "agents:ran",
    "cowork.agent.run/1": "agents:ran",
    "cowork.prompt.build/1": "prompts:preview",
    "cowork.session.list/1": "sessions:listing",
    "cowork.session.show/1": "sessions:detail",
    "cowork.session.export/1": "sessions:exported",
    "cowork.context.show/1": "contexts:project",
    "cowork.context.tree/1": "contexts:tree",
    "cowork.agent.list/1": "components:agents",
    "cowork.agent.show/1": "components:agent",
    "cowork.command.list/1": "components:commands",
    "cowork.command.show/1": "components:command",
    "cowork.prompt.check-tool/1": "tools:checked",
    "cowork.registry.search/1": "catalogue:listing",
    "cowork.registry.show/1": "catalogue:detail",
    "cowork.registry.categories/1": "catalogue:categories",
    "cowork.registry.refresh/1": "catalogue:refreshed",
    "cowork.registry.updates/1": "catalogue:updates",
    "cowork.registry.build/1": "catalogue:built",
    "cowork.registry.serve/1": "catalogue:served",
    "cowork.admin.policy.get/1": "admin:policies",
    "cowork.admin.policy.check/1": "admin:verdict",
    "cowork.admin.policy.set/1": "admin:changed",
    "cowork.admin.policy.update/1": "admin:changed",
    "cowork.admin.policy.reset/1": "admin:changed",
    "cowork.admin.policy.validate/1": "admin:validated",
    "cowork.admin.policy.explain/1": "admin:explained",
    "cowork.admin.audit/1": "admin:audit",
    "cowork.connector.list/1": "connectors:listing",
    "cowork.connector.show/1": "connectors:detail",
    "cowork.connector.call/1": "connectors:called",
    "cowork.twin.list/1": "twins:listing",
    "cowork.twin.show/1": "twins:detail",
    "cowork.twin.activate/1": "twins:activated",
    "cowork.provider.list/1": "providers:listing",
    "cowork.provider.show/1": "providers:detail",
    "cowork.provider.models/1": "providers:models",
    "cowork.provider.check/1": "providers:checked",
    "cowork.config.show/1": "config:listing",
    "cowork.config.trust/1": "trust:answer",
    "cowork.config.untrust/1": "trust:answer",
    "cowork.hook.list/1": "hooks:listing",
    "cowork.hook.events/1": "hooks:events",
    "cowork.hook.test/1": "hooks:tested",
    "cowork.doctor/1": "doctor:report",
    "cowork.loop.start/1": "loops:run",
    "cowork.loop.patterns.list/1": "loop_patterns:listing",
    "cowork.loop.patterns.show/1": "loop_patterns:page",
    "cowork.loop.patterns.suggest/1": "loop_patterns:suggestion",
    "cowork.loop.presets.list/1": "loop_patterns:presets",
    "cowork.loop.presets.show/1": "loop_patterns:preset",
    "cowork.loop.resume/1": "loops:run",
    "cowork.loop.list/1": "loops:listing",
    "cowork.loop.show/1": "loops:session",
    "cowork.bench.run/1": "benches:report",
    "cowork.bench.resume/1": "benches:report",
    "cowork.bench.show/1": "benches:report",
    "cowork.bench.list/1": "benches:listing",
    "cowork.schema/1": "plain:schema",
    "cowork.completion/1": "plain:script",
    "cowork.help/1": "plain:help_text",
    "cowork.version/1": "plain:version",
    "cowork.hook.run/1": "plain:nothing",
}


def show(schema: str, data: Any, screen: Screen) -> None:
    """Show `data` to a person."""
    where = _VIEWS.get(schema)
    view: Callable[[Any, Screen], None] = _generic
    if where:
        module, _, function = where.partition(":")
        view = getattr(importlib.import_module(f"cowork.render.views.{module}"), function)
    view(data, screen)


def _generic(data: Any, screen: Screen) -> None:
    screen.facts(to_plain(data) if dataclasses.is_dataclass(data) else {"result": data})
