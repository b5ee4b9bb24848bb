"""The places where hooks are looked for, strongest first: the organization's, the user's, the project's."""

import os

from cowork.hooks.place import home
from cowork.hooks.records import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from cowork.trust.state import Trust

HOST_SETTINGS = ("settings.json", "settings.local.json")


def of_project(path: str) -> Source:
    """The hooks that cowork keeps in a project, at `path`; ignored until the project is trusted."""
    root = os.path.dirname(os.path.dirname(path))
    return Source(path, "project", root=root, ignored=_untrusted(_state(root)))


def session(project: str, trust: "Trust") -> list[Source]:
    """Hooks of a session of our own agent, Claude Code's files included; those of a project that is not trusted are ignored.

    Plugins, agents and skills bring theirs besides. Raises ValueError when nobody knows where the home is.
    """
    personal, host = home(), os.path.join(os.path.expanduser("~"), ".claude")
    found: list[Source] = []
    enterprise = os.environ.get("COWORK_ENTERPRISE_CONFIG")
    if enterprise:
        directory = os.path.abspath(os.path.expanduser(enterprise))
        found += _pair(directory, "enterprise", directory)
    found.append(Source(os.path.join(host, "settings.json"), "user", root=host, settings=True))
    found.append(Source(os.path.join(personal, "hooks.json"), "user", root=personal))
    ignored = _untrusted(trust)
    claude, ours = os.path.join(project, ".claude"), os.path.join(project, ".cowork")
    if os.path.realpath(claude) != os.path.realpath(host):
        for name in HOST_SETTINGS:
            found.append(Source(os.path.join(claude, name), "project", root=project, settings=True, ignored=ignored))
        found.append(Source(os.path.join(claude, "hooks", "hooks.json"), "project", root=project, ignored=ignored))
    if os.path.realpath(ours) != os.path.realpath(personal):
        found.append(Source(os.path.join(ours, "hooks.json"), "project", root=project, ignored=ignored))
    return found


def _pair(directory: str, origin: str, root: str) -> list[Source]:
    return [
        Source(os.path.join(directory, "settings.json"), origin, root=root, settings=True),
        Source(os.path.join(directory, "hooks.json"), origin, root=root),
    ]


def _state(project: str) -> "Trust":
    from cowork.trust.state import state

    return state(project, home())


def _untrusted(trust: "Trust") -> str:
    """Why a project's hooks are ignored; empty when they count."""
    return "" if trust.trusted else f"{trust.project} is not trusted: {trust.why}"
