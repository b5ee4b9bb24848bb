"""Every rule there is, by its id."""

from __future__ import annotations

from collections.abc import Mapping

from cowork.install.scan import (
    access,
    autorun,
    contents,
    damage,
    domains,
    downloads,
    encoded,
    hidden,
    layout,
    markup,
    prompts,
    second_look,
    secrets,
)
from cowork.install.scan.rule import Rule

_MODULES = (
    *(access, autorun, contents, damage, domains, downloads, encoded),
    *(hidden, layout, markup, prompts, second_look, secrets),
)
RULES: Mapping[str, Rule] = {rule.id: rule for rule in sorted(rule for module in _MODULES for rule in module.RULES)}
