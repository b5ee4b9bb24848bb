"""Reading `policies.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.policy.files import policy_path

if TYPE_CHECKING:
    from cowork.core.health import Check
    from cowork.formats.policies import Policies


@dataclass(frozen=True)
class PolicyView:
    """The policies in force. `source` is `default` when there is no file."""

    source: str
    path: str
    policies: dict[str, Any]


def load() -> Policies:
    """The policies in force; the defaults when there is no file. Raises InvalidInput when the file is bad."""
    from cowork.formats import policies  # pydantic: only where there are policies to check

    path = policy_path()
    try:
        document = read_json(path, what="policy file")
    except FileNotFoundError:
        if path.is_symlink():  # there is a policy, only out of reach: not the same as none
            raise InvalidInput(
                "file.unreadable",
                f"cannot read policy file {path}",
                cause="it is a link to a file that does not exist",
                hint="restore the file it points to",
                details={"path": str(path)},
            ) from None
        return policies.Policies()
    return policies.parse(document, path=path)


def organization_dir() -> Path | None:
    """`general.orgPluginDir`, None when it is not set or the policies cannot be read (then nothing is enabled anyway)."""
    try:
        configured = load().general.org_plugin_dir
    except InvalidInput:
        return None
    return Path(configured).expanduser().absolute() if configured else None


def view() -> PolicyView:
    """The policies as `admin policy get` shows them. Raises InvalidInput when the file is bad."""
    path = policy_path()
    return PolicyView(
        source="file" if path.exists() else "default",
        path=str(path),
        policies=load().model_dump(by_alias=True, exclude_none=True),
    )


def check() -> Check:
    """For `doctor`: whether the policies can be read."""
    from cowork.core.health import Check

    try:
        load()
    except InvalidInput as error:
        return Check("policies", "fail", f"{error.message}; every change is refused until it is mended")
    return Check("policies", "ok", str(policy_path()) if policy_path().exists() else "defaults")
