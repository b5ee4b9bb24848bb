"""What git's complaints mean to somebody who wants a pack."""

from __future__ import annotations

import re

from cowork.core.errors import CoworkError, Denied, InvalidInput, NotFound, Unavailable
from cowork.core.text import one_line

_SHORTEN = re.compile(r"^(fatal|error|remote):\s*", re.IGNORECASE)


def from_git(stderr: str, url: str, ref: str | None = None) -> CoworkError:
    """The typed error for a failed fetch. `url` carries no credentials."""
    text = stderr.lower()
    where = {"url": url, "ref": ref}
    cause = _first_line(stderr)
    if "couldn't find remote ref" in text or "no such ref" in text:
        return ref_not_found(url, ref or "HEAD")
    if "not our ref" in text or "unadvertised object" in text or "remote did not send all necessary objects" in text:
        hint = "check the commit; it may belong to a fork, or have been removed"
        return NotFound("install.commit_not_found", f"{url} does not give out the commit {ref}", hint=hint, details=where)
    if "redirect" in text or re.search(r"error: 30[1278]", text):
        hint = "use the address it is at now; if you did not expect that, ask why it moved"
        return Denied("install.source_moved", f"{url} redirects somewhere else", cause=cause, hint=hint, details=where)
    if "transport" in text and "not allowed" in text:
        return Denied("source.transport", f"{url} uses a transport that is not allowed", cause=cause, hint="use https or ssh")
    if re.search("fsck|bad object|invalid index-pack|unresolved deltas|unable to read", text):
        hint = "do not trust the repository; ask its owner"
        return InvalidInput(
            "install.git_objects", f"{url} holds objects that git refuses", cause=cause, hint=hint, details=where
        )
    if "file size limit" in text or "file too large" in text:
        return InvalidInput("install.too_large", f"{url} is too large for a repository of packs", cause=cause, details=where)
    if re.search(
        r"could not read (username|password)|authentication failed|error: 40[13]|permission denied|terminal prompts", text
    ):
        hint = "for GitHub set GH_TOKEN; otherwise use git+ssh:// with a key in your agent"
        return Denied("install.git_auth", f"{url} asks who you are, or does not exist", cause=cause, hint=hint, details=where)
    if "not found" in text or "does not appear to be a git repository" in text or "error: 404" in text:
        hint = "check the spelling of the source"
        return NotFound("install.source_not_found", f"there is no repository at {url}", cause=cause, hint=hint, details=where)
    if "host key verification failed" in text:
        hint = "connect once with ssh, compare the key's fingerprint, and accept it"
        return Denied("install.host_key", f"the host key of {url} is not known", cause=cause, hint=hint, details=where)
    hint = "check the address and the network; --offline uses what was installed before"
    return Unavailable("install.git_unreachable", f"git cannot fetch {url}", cause=cause, hint=hint, details=where)


def ref_not_found(url: str, ref: str) -> NotFound:
    """No tag, branch or commit of that name."""
    return NotFound(
        "install.ref_not_found",
        f"{url} has no tag or branch '{ref}'",
        hint="look at its tags; a commit is named by its full 40 hex digits",
        details={"url": url, "ref": ref},
    )


def no_git() -> Unavailable:
    """The git program is not there."""
    return Unavailable("install.no_git", "git is not installed", cause="repositories are fetched with it", hint="install git")


def too_slow(url: str, seconds: float) -> Unavailable:
    """The fetch took longer than allowed."""
    return Unavailable(
        "install.timeout", f"fetching {url} took longer than {seconds:g} s", hint="try again later", details={"url": url}
    )


def _first_line(stderr: str) -> str | None:
    lines = [_SHORTEN.sub("", line).strip() for line in stderr.splitlines() if line.strip()]
    return one_line(lines[0], 160) if lines else None
