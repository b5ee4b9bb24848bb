"""Reading `policies.json`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from cowork.core.errors import InvalidInput
from cowork.core.files import read_json
from cowork.formats import policies
from cowork.formats.policies import Policies
from cowork.policy.files import policy_path

if TYPE_CHECKING:
    from cowork.core.health import Check


def load() -> Policies:
    """The policies in force; the defaults when there is no file. Raises InvalidInput when the file is bad."""
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
        return Policies()
    return policies.parse(document, path=path)


def organization_dir() -> Path | None:
    """`general.orgPluginDir`, None when it is not set or the policies cannot be read (then nothing is enabled anyway)."""
    try:
        configured = load().value("general.orgPluginDir")
    except InvalidInput:
        return None
    return Path(configured).expanduser().absolute() if configured else None


def check() -> Check:
    """For `doctor`: whether the policies can be read, and whether others can write them."""
    from cowork.core.health import Check

    path = policy_path()
    try:
        load()
        found = path.stat() if path.exists() else None
    except InvalidInput as error:
        return Check("policies", "fail", f"{error.message}; every change is refused until it is mended")
    if found is None:
        return Check("policies", "ok", "defaults")
    if found.st_mode & 0o022:
        return Check("policies", "warn", f"{path} can be written by others; mend it with: chmod go-w {path}")
    if found.st_uid not in (0, os.getuid()):
        return Check("policies", "warn", f"{path} belongs to user {found.st_uid}, neither you nor root, who can change it")
    return Check("policies", "ok", str(path))
