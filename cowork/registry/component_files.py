"""Skills, agents and commands that are files: read with bounds, each bad file a warning, never a failure of the others.

Every file that was read and every directory that was listed leaves a stamp, so that the index knows when to look again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.formats.problem import Problem
from cowork.registry.entries import ComponentHead, SkillHead
from cowork.registry.stamps import Stamp, stamp

if TYPE_CHECKING:
    from cowork.formats.agent_md import Origin

MAX_BYTES = 1024 * 1024
_DEEPEST = 8
_MOST_FILES = 5_000


class Reader:
    """Reads the components below one directory, which nothing it reads may leave."""

    def __init__(self, base: Path) -> None:
        self._base = base.resolve()
        self.stamps: list[Stamp] = []
        self.warnings: list[str] = []

    def skills(self, directory: Path) -> list[SkillHead]:
        """One skill for each child with a SKILL.md; deeper ones are not looked for."""
        found = [self.skill(child) for child in self._children(directory) if child.is_dir()]
        return [skill for skill in found if skill is not None]

    def skill(self, directory: Path) -> SkillHead | None:
        """The skill in a directory, or None. It answers to the directory's name."""
        from cowork.formats import skill_md

        text = self._text(directory / "SKILL.md")
        if text is None:
            return None
        skill, problems = skill_md.parse(text, file=str(directory / "SKILL.md"), directory=directory.name)
        return SkillHead(
            id=directory.name,
            name=skill.name,
            description=skill.description,
            icon="🧩",
            category="Plugin",
            enabled=True,
            required=[],
            file=str(directory / "SKILL.md"),
            alias=skill.name if skill.name != directory.name else "",
            for_users=skill.user_invocable,
            for_models=not skill.disable_model_invocation,
            warnings=self._report(problems),
        )

    def agents(self, directory: Path, *, plugin: bool) -> list[ComponentHead]:
        """The agents in the Markdown files below a directory, at any depth; in a plugin subdirectories join the name.

        `directory` may also be one such file.
        """
        from cowork.formats import agent_md

        found = []
        for path, parents in self._markdown(directory):
            text = self._text(path)
            if text is None:
                continue
            origin: Origin = "plugin" if plugin else "project"
            agent, problems = agent_md.parse(text, file=str(path), stem=path.stem, origin=origin)
            warnings = self._report(problems)
            if agent is not None:
                name = ":".join([*parents, agent.name]) if plugin else agent.name
                found.append(ComponentHead(name=name, description=agent.description, file=str(path), warnings=warnings))
        return found

    def commands(self, directory: Path) -> list[ComponentHead]:
        """The commands in the Markdown files below a directory; the path is the name: `git/commit.md` is `git:commit`.

        `directory` may also be one such file.
        """
        from cowork.formats import command_md

        found = []
        for path, parents in self._markdown(directory):
            text = self._text(path)
            if text is None:
                continue
            name = ":".join([*parents, path.stem])
            command, problems = command_md.parse(text, file=str(path), name=name)
            warnings = self._report(problems)
            found.append(ComponentHead(name=name, description=command.description, file=str(path), warnings=warnings))
        return found

    def has_file(self, path: Path) -> bool:
        """Whether a regular file is there."""
        self.stamps.append(stamp(str(path)))
        return path.is_file()

    def _markdown(self, directory: Path, parents: tuple[str, ...] = ()) -> Iterator[tuple[Path, tuple[str, ...]]]:
        if not parents and directory.suffix == ".md" and directory.is_file():
            yield directory, ()
            return
        for child in self._children(directory):
            if child.is_dir() and not child.is_symlink():
                if len(parents) < _DEEPEST:
                    yield from self._markdown(child, (*parents, child.name))
            elif child.suffix == ".md":
                yield child, parents

    def _children(self, directory: Path) -> list[Path]:
        self.stamps.append(stamp(str(directory)))
        try:
            names = sorted(name for name in os.listdir(directory) if name[0] != ".")  # noqa: PTH208 - names, not paths
        except OSError:
            return []
        if len(names) > _MOST_FILES:
            self.warnings.append(f"{directory}: only the first {_MOST_FILES} of {len(names)} files are read")
        return [directory / name for name in names[:_MOST_FILES]]

    def _text(self, path: Path) -> str | None:
        """The text of a file inside the base, or None when it is not there or cannot be used (then with a warning)."""
        self.stamps.append(stamp(str(path)))
        try:
            real = path.resolve()
            if not real.is_file():
                return None
            if not real.is_relative_to(self._base):
                self.warnings.append(f"{path}: it leads out of its pack and is left out")
                return None
            with real.open("rb") as stream:
                raw = stream.read(MAX_BYTES + 1)
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle
            self.warnings.append(f"{path}: it cannot be read ({error})")
            return None
        if len(raw) > MAX_BYTES:
            self.warnings.append(f"{path}: it is larger than 1 MiB and is left out")
            return None
        return raw.decode("utf-8", "replace")

    def _report(self, problems: tuple[Problem, ...]) -> list[str]:
        """Keep what is wrong with a file, with its line; also as the answer."""
        found = []
        for problem in problems:
            if problem.severity != "note":
                where = f"{problem.file}:{problem.line}" if problem.line else problem.file
                found.append(f"{where}: {problem.message}")
        self.warnings += found
        return found
