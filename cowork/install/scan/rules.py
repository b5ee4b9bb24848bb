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
    secrets,
)
from cowork.install.scan.finding import Rule

TOO_LARGE = Rule("scan.too_large", "A file is small enough to be read whole", "split it, or leave it out")
UNREADABLE = Rule("scan.unreadable", "A file can be read", "check its permissions")

_MODULES = (access, autorun, contents, damage, domains, downloads, encoded, hidden, layout, markup, prompts, secrets)
RULES: Mapping[str, Rule] = {
    rule.id: rule for rule in sorted([TOO_LARGE, UNREADABLE, *(rule for module in _MODULES for rule in module.RULES)])
}
