"""Every test gets a home of its own and an environment without keys, colours or the user's settings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from cowork.core.paths import data_dir
from cowork.models import catalogue


@pytest.fixture(scope="session")
def path_without_agents(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where programs are, but not the command-line agents of this machine: directories that hold one are linked without it."""
    agents = {provider.command.program for provider in catalogue.providers() if provider.command}
    places = []
    for place in os.environ["PATH"].split(os.pathsep):
        if any(shutil.which(agent, path=place) for agent in agents):
            linked = tmp_path_factory.mktemp("programs")
            for program in Path(place).iterdir():
                if program.name not in agents:
                    (linked / program.name).symlink_to(program)
            place = str(linked)
        places.append(place)
    return os.pathsep.join(places)


@pytest.fixture(scope="session")
def names_of_users() -> frozenset[str]:
    """The variables in which users say how things are shown, and where providers are and who asks them."""
    said = ((*provider.key_env, provider.base_url_env) for provider in catalogue.providers())
    return frozenset(("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM", *(name for names in said for name in names)))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, path_without_agents: str, names_of_users: frozenset[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty COWORK_HOME that does not exist yet, a working directory that is no project, no key and no agent in sight."""
    for name in [*os.environ]:
        if name.startswith(("COWORK_", "ANTHROPIC_", "OPENAI_")) or name in names_of_users:
            monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", path_without_agents)
    monkeypatch.setenv("OLLAMA_BASE_URL", "http://127.0.0.1:9/v1")  # the discard port: no Ollama, whatever the machine runs
    monkeypatch.setenv("PLUGIN_PACK_REGISTRY", str(data_dir("registry")))  # the catalogue we ship, and no network
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    (tmp_path / "user").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    path = tmp_path / "home"
    monkeypatch.setenv("COWORK_HOME", str(path))
    return path
