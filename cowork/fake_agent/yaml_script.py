"""A script in YAML, loaded only where there is one."""

from __future__ import annotations

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML in which no key stands twice in a mapping, as it would lose a step."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in seen:
                    where = f"line {key.start_mark.line + 1}"
                    raise yaml.YAMLError(
                        f"{where}: the key {key.value!r} stands twice; give steps of one name as a list: do: [...]"
                    )
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def load(text: str) -> Any:
    """The document in a text. Raises YAMLError and whatever else PyYAML lets through."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader
