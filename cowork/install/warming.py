"""Loading what judging needs while the network is waited for: those modules take as long as a small fetch."""

from __future__ import annotations

import importlib
import threading

_NEEDED = (
    "cowork.install.scan.scanner",
    "cowork.registry.world",
    "cowork.registry.entries",
    "cowork.formats.cowork_plugin_quick",
    "cowork.formats.skill_md",
    "cowork.registry.skill_directories",
    "cowork.policy.audit",
    "cowork.install.git_material",
    "shutil",  # removes the staging directory in the end
    "encodings.utf_8_sig",  # how manifests are decoded
)


def warm() -> None:
    """Start loading in the background. A module that fails to load fails again, and is reported, where it is needed."""
    threading.Thread(target=_load, name="warming").start()


def _load() -> None:
    for name in _NEEDED:
        importlib.import_module(name)
