"""Whether a `cowork.plugin.json` is certainly valid, told without pydantic, whose import takes longer than all the rest.

The tables name the fields of each section as `cowork_plugin_schema` does, with checks that are never laxer and now and then
stricter: no letters beyond ASCII in a path or a parameter's name, no `configSchema`. What they do not accept is not wrong
yet; the schema judges it, and finds the words.
"""

from __future__ import annotations

from typing import Any

from cowork.core.errors import InvalidInput
from cowork.formats.limits import check_document
from cowork.formats.quick_section import (
    QuickSection,
    anything,
    boolean,
    like,
    list_of,
    nothing,
    number,
    one_of,
    positive,
    record,
    string,
    strings_by_name,
    text,
)

_MOST_UNKNOWN = 50  # the full report is bounded, and leaves some out where there are far more
_CONTENT = ("skills", "skillDirectories", "agentRoles", "connectors", "slashCommands")
_KINDS = {"string": (str,), "select": (str,), "number": (int, float), "boolean": (bool,)}


def _has_a_fitting_default(parameter: Any) -> bool:
    kind, options, default = parameter["type"], parameter.get("options", ()), parameter.get("default")
    if kind == "select" and not options:
        return False
    return default is None or (type(default) in _KINDS[kind] and (kind != "select" or default in options))


def _has_its_body(connector: Any) -> bool:
    return connector.get(connector["type"]) is not None


def _brings_something_once(manifest: Any) -> bool:
    def held(key: str, field: str = "name") -> list[str]:
        return [item[field] for item in manifest.get(key, ())]

    commands = [name.lower() for name in held("slashCommands")]
    names = (held("skills", "id") + held("skillDirectories", "id"), commands, held("agentRoles"), held("connectors"))
    brings = any(key in manifest for key in _CONTENT) or bool(manifest.get("main"))
    return brings and all(len(set(found)) == len(found) for found in names)


_identifier = like(r"[A-Za-z0-9][A-Za-z0-9_.-]*(:[A-Za-z0-9][A-Za-z0-9_.-]*)?")
_strings = list_of(string)

PARAMETER = QuickSection(
    ("name!", like(r"[A-Za-z0-9_]+")),
    ("type!", one_of("string number boolean select")),
    ("description", string),
    ("required", boolean),
    ("options", _strings),
    ("default", anything),
    rule=_has_a_fitting_default,
)
REQUIRES = QuickSection(("tools bins anyBins env config os", _strings))
INSTALL_STEP = QuickSection(
    ("id!", text),
    ("kind!", one_of("brew npm go download")),
    ("label formula? package? module? url?", string),
    ("bins os", _strings),
)
INVOCATION = QuickSection(("userInvocable disableModelInvocation", boolean))
SKILL = QuickSection(
    ("id!", _identifier),
    ("name! description! prompt!", text),
    ("icon category source? filePath?", string),
    ("parameters", [PARAMETER]),
    ("enabled", boolean),
    ("priority", number),
    ("type", one_of("task guideline")),
    ("requires?", REQUIRES),
    ("install", [INSTALL_STEP]),
    ("invocation?", INVOCATION),
    ("metadata", record),
)
DIRECTORY = QuickSection(
    ("id!", _identifier),
    ("path!", like(r"(?!.*\.\.)[A-Za-z0-9_.][A-Za-z0-9_./-]*")),
    ("name? description? icon? category?", string),
    ("enabled", boolean),
)
ROLE = QuickSection(
    ("name! displayName!", text),
    ("icon! description systemPrompt", string),
    ("color!", like(r"#[0-9A-Fa-f]{6}")),
    ("capabilities", _strings),
)
COMMAND = QuickSection(("name! skillId!", _identifier), ("description", string))
HTTP = QuickSection(
    ("url!", text),
    ("method!", one_of("GET POST PUT PATCH DELETE")),
    ("headers", strings_by_name),
    ("body", anything),
    ("responseFormat", one_of("json text")),
    ("timeout?", positive),
)
SHELL = QuickSection(("command!", text), ("cwd?", string), ("timeout?", positive))
SCRIPT = QuickSection(("body!", text), ("runtime", one_of("node python sh")), ("timeout?", positive))
CONNECTOR = QuickSection(
    ("name! description!", text),
    ("type!", one_of("http shell script")),
    ("inputSchema", record),
    ("env", list_of(like(r"[A-Za-z_][A-Za-z0-9_]*", at_most=128))),
    ("http?", HTTP),
    ("shell?", SHELL),
    ("script?", SCRIPT),
    rule=_has_its_body,
)
PLATFORM = QuickSection(("os", _strings), ("node?", string))
MANIFEST = QuickSection(
    ("name!", like(r"[a-z0-9][a-z0-9_-]*", at_most=64)),
    ("displayName!", text),
    ("version!", like(r"[0-9]+\.[0-9]+\.[0-9]+[!-~]*", at_most=64)),
    ("type!", one_of("channel tool provider integration pack")),
    ("description! author icon category license? homepage? coworkVersion? main? personaTemplateId?", string),
    ("keywords recommendedConnectors tryAsking bestFitWorkflows outcomeExamples", _strings),
    ("dependencies peerDependencies", strings_by_name),
    ("capabilities metadata", record),
    ("scope?", one_of("personal organization")),
    ("configSchema?", nothing),
    ("platform?", PLATFORM),
    ("skills", [SKILL]),
    ("skillDirectories", [DIRECTORY]),
    ("agentRoles", [ROLE]),
    ("slashCommands", [COMMAND]),
    ("connectors", [CONNECTOR]),
    rule=_brings_something_once,
)


def quickly_valid(document: Any) -> list[str] | None:
    """The unknown keys of a manifest that is certainly valid, as `cowork_plugin.validate` gives them; None when in doubt."""
    try:
        check_document(document)
    except InvalidInput:
        return None
    unknown = MANIFEST.unknown_in(document)
    if unknown is None or len(unknown) > _MOST_UNKNOWN:
        return None
    if not unknown:
        return []
    from cowork.formats.problem import json_path

    return [json_path(place).removeprefix("$").removeprefix(".") for place in unknown]
