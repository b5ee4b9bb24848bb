"""`policies.json`: what an administrator allows. Unknown sections are kept; known fields are judged one by one."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from cowork.core.errors import InvalidInput


class _Section(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True, alias_generator=to_camel, populate_by_name=True)


class PackPolicy(_Section):
    """Blocked beats allowed; a non-empty `allowed` is a whitelist; required packs cannot be turned off."""

    allowed: list[str] = Field(default_factory=list)
    blocked: list[str] = Field(default_factory=list)
    required: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        both = sorted(set(self.required) & set(self.blocked))
        if both:
            raise ValueError(f"'{both[0]}' is both required and blocked")
        outside = sorted(set(self.required) - set(self.allowed)) if self.allowed else []
        if outside:
            raise ValueError(f"'{outside[0]}' is required but not in allowed")
        return self


class ConnectorPolicy(_Section):
    """Connectors nobody may use."""

    blocked: list[str] = Field(default_factory=list)


class AgentPolicy(_Section):
    """`max_heartbeat_frequency_sec` is, despite its name, the shortest interval allowed, in seconds."""

    max_heartbeat_frequency_sec: int = Field(default=60, ge=60)
    max_concurrent_agents: int = Field(default=10, ge=1)


class GeneralPolicy(_Section):
    """Which ways of installing are open, and the organization's name and pack directory."""

    allow_custom_packs: bool = True
    allow_git_install: bool = True
    allow_url_install: bool = True
    org_name: str | None = None
    org_plugin_dir: str | None = None


class Policies(_Section):
    """A whole policy file; with no file, these defaults."""

    version: int = 2
    packs: PackPolicy = Field(default_factory=PackPolicy)
    connectors: ConnectorPolicy = Field(default_factory=ConnectorPolicy)
    agents: AgentPolicy = Field(default_factory=AgentPolicy)
    general: GeneralPolicy = Field(default_factory=GeneralPolicy)


def parse(document: Any, *, path: Path) -> Policies:
    """The policies in a parsed document. Raises `policy.invalid` naming the file, the field and the rule."""
    try:
        return Policies.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        raise InvalidInput(
            "policy.invalid",
            f"{path}: {place}: {first['msg']}",
            cause="the policy file breaks its schema",
            hint="mend that field; until then every change is refused",
            details={"path": str(path), "field": place},
        ) from None
