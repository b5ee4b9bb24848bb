"""The personas we ship and their tasks, as their format reads them."""

from __future__ import annotations

import json

from cowork.core.paths import data_dir
from cowork.formats.persona import parse

FILES = {path.stem: path for path in sorted(data_dir("personas").glob("*.json"))}
SHIPPED = {name: parse(json.loads(path.read_text(encoding="utf-8")), path=path).template for name, path in FILES.items()}

TASKS = {f"{persona.id}/{task.id}": task for persona in SHIPPED.values() for task in persona.cognitive_offload.proactive_tasks}
