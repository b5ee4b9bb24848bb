"""Skills and commands as parts of a prompt: prompts of packs, SKILL.md files, command files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from cowork.agent.parts import Part
from cowork.core.errors import Denied, InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.paths import home, project_dir
from cowork.formats.command_md import CommandFile
from cowork.formats.cowork_plugin import FILE_NAME
from cowork.formats.skill_md import SkillFile
from cowork.hooks.records import Source
from cowork.policy import gate
from cowork.policy.actions import Action
from cowork.prompts import places, substitution, variables
from cowork.prompts.builder import Context, Preferences
from cowork.prompts.skill import render_skill
from cowork.registry import lookup, slash
from cowork.registry.components import scope_of
from cowork.registry.entries import SkillHead
from cowork.registry.loading import LoadedCommand, LoadedSkill, load_command, load_skill
from cowork.registry.permission import about
from cowork.registry.world import PackRecord

_FREE = "Placeholders in double braces are for you to fill from the task."


def typed_skill(
    name: str,
    given: Mapping[str, str] | None,
    arguments: str,
    *,
    verb: str,
    dry_run: bool,
    named: Mapping[str, str] | None = None,
) -> tuple[list[Part], PackRecord]:
    """A skill as the user runs it: the role of its pack, if it has one, and the skill. Also the pack it comes from.

    A prompt of a pack takes parameters, without `given` those that are `named` and what the arguments give; a SKILL.md takes
    arguments. Raises `skill.*`,
    parameter and policy errors.
    """
    admit(verb, name, dry_run=dry_run)
    _, pack, head = lookup.find_skill(name)
    if Path(head["file"]).name != FILE_NAME:
        if refused := {**(given or {}), **(named or {})}:
            first = next(iter(refused))
            way = "give it --arguments TEXT" if named is None else f"write the text behind it: /{name} TEXT"
            raise InvalidInput(
                "skill.unknown_parameter",
                f"there is no parameter '{first}'",
                hint=f"'{name}' is a SKILL.md: {way}",
                details={"parameter": first},
            )
        part = _file_skill(pack, head, arguments)
        if not part.user_invocable:
            raise Denied("skill.not_invocable", f"the skill '{name}' is for models only", hint="its file says so")
        return [*_role(pack), part], pack
    rendered, notices = render_skill(name, slash.given(name, arguments, named or {}) if given is None else given)
    part = Part(
        kind="skill",
        name=rendered.skill,
        scope=scope_of(pack),
        source=head["file"],
        text=rendered.prompt,
        allowed=None,
        denied=(),
        preferences=Preferences(),
        from_project=pack.scope == "project",
        verbatim=True,
        notices=notices,
    )
    return [*_role(pack), part], pack


def skill_guide(name: str, arguments: str = "", *, verb: str, dry_run: bool) -> Part:
    """A skill that an agent is to work by. Raises `skill.*` and policy errors."""
    admit(verb, name, dry_run=dry_run)
    _, pack, head = lookup.find_skill(name)
    if Path(head["file"]).name != FILE_NAME:
        return _file_skill(pack, head, arguments)
    found = lookup.skill_text(pack, head)
    values = {item.name: item.default for item in found.parameters if item.default is not None}
    text, open_ones = substitution.fill(found.prompt, values, places.of_skill(head))
    return Part(
        kind="skill",
        name=head["id"],
        scope=scope_of(pack),
        source=head["file"],
        text=f"{text}\n\n{_FREE}" if open_ones else text,
        allowed=None,
        denied=(),
        preferences=Preferences(),
        from_project=pack.scope == "project",
        verbatim=True,
        notices=tuple(Notice("skill.missing_requirement", f"{head['id']}: {lack}") for lack in found.missing),
    )


def typed_command(
    command: str, *, verb: str, arguments: str, dry_run: bool, named: Mapping[str, str] | None = None
) -> Part | str:
    """What `/command` runs: a command file, which takes nothing by name, or the id of a skill.

    Raises `command.*` and policy errors.

    A skill beats a command of its name; a file of the user's or the project's beats what a pack calls by that name.
    """
    bare = command.removeprefix("/")
    gate.refuse(Action(verb, what=bare), dry_run=dry_run)
    file = _command_file(bare)
    try:
        skill_id = slash.resolve(command)
    except (NotFound, InvalidInput):
        if file is None:
            raise
        skill_id = None
    own = file is not None and file.place.scope in ("enterprise", "project", "user")
    if file is None or (skill_id is not None and (not own or skill_id.casefold() == bare.casefold())):
        assert skill_id is not None
        return skill_id
    if named:
        raise InvalidInput(
            "command.no_parameters",
            f"/{bare} is a command file: there is no parameter '{next(iter(named))}'",
            hint=f"write the text behind it: /{bare} TEXT",
        )
    gate.require(Action(verb, pack=file.place.pack, what=file.name), dry_run=dry_run)
    return command_part(file, arguments)


def _command_file(name: str) -> LoadedCommand | None:
    try:
        return load_command(name)
    except NotFound:
        return None


def command_part(loaded: LoadedCommand, arguments: str) -> Part:
    """A command file as a part."""
    return _text_part("command", loaded, loaded.file, arguments)


def _file_skill(pack: PackRecord, head: SkillHead, arguments: str) -> Part:
    loaded = load_skill(pack, head)
    return _text_part("skill", loaded, loaded.file, arguments)


def admit(verb: str, skill: str, *, dry_run: bool) -> None:
    """Ask the gate for the use of a skill; also when its pack is blocked, so that the refusal is logged."""
    owner = lookup.owner(skill)
    if owner is not None:
        gate.require(about(Action(verb, what=skill), owner), dry_run=dry_run)


def _role(pack: PackRecord) -> list[Part]:
    """The pack's agent role speaks, where it has one."""
    roles = pack.body["agent_roles"]
    text = str(roles[0].get("systemPrompt", "")) if roles else ""
    if not text:
        return []
    role = str(roles[0]["name"])
    return [
        Part(
            kind="agent",
            name=role,
            scope=scope_of(pack),
            source=pack.head["path"],
            text=text,
            allowed=None,
            denied=(),
            preferences=Preferences(),
            from_project=False,
        )
    ]


def _text_part(
    kind: Literal["skill", "command"], loaded: LoadedCommand | LoadedSkill, file: CommandFile | SkillFile, arguments: str
) -> Part:
    """A file as a part. Its tool rules may name its plugin's directory by a variable."""
    known = variables.of(
        kind,
        project=project_dir(),
        effort=file.effort,
        skill_directory=loaded.directory if isinstance(loaded, LoadedSkill) else None,
        plugin_root=loaded.place.plugin_root,
        plugin_data=home() / "plugin-data" / Path(loaded.place.plugin_root).name if loaded.place.plugin_root else None,
    )
    allowed = None if file.allowed_tools is None else tuple(variables.fill(text, known) for text in file.allowed_tools)
    hooks = (Source(loaded.place.path, kind, scope=loaded.place.scope, document={"hooks": file.hooks}),) if file.hooks else ()
    context: Context | None = "fork" if file.context == "fork" else None
    return Part(
        kind=kind,
        name=loaded.name,
        scope=loaded.place.scope,
        source=loaded.place.path,
        text=file.body,
        allowed=allowed,
        denied=file.disallowed_tools,
        preferences=Preferences(file.model, context),
        from_project=loaded.place.in_project,
        pack=loaded.place.pack or "",
        arguments=arguments,
        named=file.arguments,
        variables=known,
        agent=file.agent,
        user_invocable=file.user_invocable,
        model_invocable=not file.disable_model_invocation,
        sources=hooks,
    )
