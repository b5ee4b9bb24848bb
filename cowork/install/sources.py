"""Where a pack comes from: many ways to write it, one canonical form each, which policies, lockfiles and pages show.

github:owner/repo[/path][@ref]                    a repository on GitHub; also https://github.com/owner/repo[/tree/ref/path]
git+https://host/repo[//path][@ref]               any git repository; also git+ssh://user@host/repo and user@host:repo
https://host/dir/cowork.plugin.json               one manifest
https://host/name.zip, .tar.gz, .tgz              an archive
./directory, /directory, ./name.zip, ./name.tar.gz     on this machine
[registry/]id[@range]                             an entry of a catalogue
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, NamedTuple

from cowork.core.errors import CoworkError, Denied, InvalidInput
from cowork.core.text import one_line

Kind = Literal["github", "git", "manifest", "archive", "local", "catalogue"]
ARCHIVES = (".zip", ".tar.gz", ".tgz")
_OWNER = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})"
_REPOSITORY = r"[A-Za-z0-9._-]{1,100}"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]"
# Compiled where they are used: a source is matched by one or two of them.
_GITHUB = rf"({_OWNER})/({_REPOSITORY})(?:/([^@]*))?(?:@(.+))?"
_GITHUB_WEB = r"(?i:https://(?:www\.)?github\.com/)(.+)"
_SCP = rf"([A-Za-z0-9_.-]+)@({_HOST}):([^@]+)(?:@(.+))?"
_GIT = rf"(?:git\+)?(https?|ssh)://(?:([^@/]*)@)?({_HOST})(:[0-9]{{1,5}})?/([^@]+)(?:@(.+))?"
_CATALOGUE = r"(?:([a-z0-9][a-z0-9_-]*)/)?([a-z0-9][a-z0-9_-]{0,127})(?:@([0-9A-Za-z.*^~<>=,+ -]{1,64}))?"
_REF = r"[A-Za-z0-9_][A-Za-z0-9_./+-]{0,199}"
_COMMIT = r"[0-9a-f]{40}"
_PORTS = {"https": 443, "http": 80, "ssh": 22}


class Source(NamedTuple):
    """A parsed source. `url` is what is fetched; `path` the directory inside; `ref` a tag, branch, commit, or version range."""

    kind: Kind
    url: str
    path: str = ""
    ref: str | None = None

    @property
    def canonical(self) -> str:
        """The one form that is shown, stored and judged."""
        ref = f"@{self.ref}" if self.ref else ""
        if self.kind == "github":
            return f"github:{self.url}{'/' if self.path else ''}{self.path}{ref}"
        if self.kind == "git":
            return f"git+{self.url}{'//' if self.path else ''}{self.path}{ref}"
        return f"{self.url}{ref}"

    @property
    def is_commit(self) -> bool:
        """Whether the ref is a full commit, which cannot move."""
        return self.ref is not None and re.fullmatch(_COMMIT, self.ref) is not None

    @property
    def base(self) -> str:
        """The canonical form without the ref: what stays the same from update to update."""
        return self._replace(ref=None).canonical

    @property
    def name(self) -> str:
        """The last part of the address: what a repository or a directory is called."""
        url = self.url.partition("?")[0] if self.kind in ("archive", "manifest") else self.url
        last = (self.path or url).rstrip("/").rpartition("/")[2].rpartition(":")[2]
        for ending in (".git", *ARCHIVES):
            last = last.removesuffix(ending)
        return last


def parse(text: str, *, start: Path | None = None) -> Source:
    """The source that a text means; local paths are taken from `start`, by default the working directory.

    Raises InvalidInput `source.*` (empty, option_like, bad_characters, unknown, bad_ref, bad_path, bad_url) and Denied
    (transport, credentials, plain_http, private_address). Nothing of it is read, nothing is asked of the network.
    """
    _judge_text(text)
    text = re.sub(r"^[A-Za-z+]+://", lambda scheme: scheme[0].lower(), text)
    if text.startswith("github:"):
        return _github(text.removeprefix("github:"), text)
    web = re.fullmatch(_GITHUB_WEB, text)
    if web and not text.lower().endswith(ARCHIVES):
        return _github_web(web[1], text)
    if text in (".", "..", "~") or text.startswith(("./", "../", "/", "~/")):
        return _local(text, start)
    if text.startswith(("git+", "ssh://")) or re.fullmatch(r"https://[^/]*/[^?#]*\.git(//[^@]*)?(@.+)?", text):
        return _git(text)
    if "://" in text:
        return _download(text)
    scp = re.fullmatch(_SCP, text)
    if scp:
        user, host, path, ref = scp.groups()
        return parse(f"git+ssh://{user}@{host}/{path}" + (f"@{ref}" if ref else ""))
    found = re.fullmatch(_CATALOGUE, text)
    if found:
        registry, name, ref = found.groups()
        return Source("catalogue", f"{registry}/{name}" if registry else name, ref=ref)
    if re.match(r"[^/@]+:[^/@]*@", text):
        raise _credentials()
    raise _unknown(text)


def parse_remote(text: str) -> Source:
    """As `parse`, for what a catalogue or marketplace names. Raises Denied `source.transport` for files of this machine too."""
    source = parse(text)
    if source.kind in ("local", "catalogue"):
        raise Denied(
            "source.transport",
            f"'{one_line(text, 80)}' is no address on the network",
            cause="what lists packs has no say about the files of this machine",
            hint="do not trust it",
        )
    return source


def _judge_text(text: str) -> None:
    if not text:
        raise InvalidInput("source.empty", "the source is empty", hint="name one, such as github:owner/repo")
    shown = one_line(text, 80)
    if text.startswith("-"):
        raise InvalidInput(
            "source.option_like", f"'{shown}' looks like an option, not like a source", hint="see: pack install --help"
        )
    if len(text) > 2_000 or not text.isprintable() or "\\" in text or ("://" in text and " " in text):
        cause = "blanks, backslashes, control and invisible characters have no place in it"
        raise InvalidInput("source.bad_characters", f"'{shown}' is no source", cause=cause, hint="write it plainly")
    if "::" in re.sub(r"\[[0-9A-Fa-f:.]+\]", "", text, count=1):  # an IPv6 address may hold it
        raise _transport(text.partition("::")[0])


def _github(rest: str, text: str) -> Source:
    found = re.fullmatch(_GITHUB, rest)
    if not found:
        raise _unknown(text, "github:owner/repo[/path][@ref]")
    owner, repository, path, ref = found.groups()
    repository = repository.removesuffix(".git")
    if repository in ("", ".", "..") or repository.endswith(".git"):
        raise _unknown(text, "github:owner/repo[/path][@ref]")
    return Source("github", f"{owner}/{repository}", _inside(path or ""), _ref(ref))


def _github_web(rest: str, text: str) -> Source:
    """What a browser shows: /owner/repo, /owner/repo/tree/REF/path, /owner/repo/blob/REF/path/cowork.plugin.json."""
    rest = re.split(r"[?#]", rest, maxsplit=1)[0].rstrip("/")
    parts = rest.split("/")
    if len(parts) > 3 and parts[2] in ("tree", "blob"):
        path = "/".join(parts[4:])
        if parts[2] == "blob":
            path = path.rpartition("/")[0]
        rest = f"{parts[0]}/{parts[1]}" + (f"/{path}" if path else "") + f"@{parts[3]}"
    elif len(parts) > 2 and "@" not in "/".join(parts[:2]):
        raise _unknown(text, "https://github.com/owner/repo or .../tree/REF/path")
    return _github(rest, text)


def _git(text: str) -> Source:
    scheme = text.removeprefix("git+").partition(":")[0].lower()
    if scheme not in ("https", "http", "ssh"):
        raise _transport(scheme)
    found = re.fullmatch(_GIT, text)
    if not found:
        raise _unknown(text, "git+https://host/repo[//path][@ref]")
    scheme, user, host, port, rest, ref = found.groups()
    if user is not None and (scheme != "ssh" or ":" in user):
        raise _credentials()
    if user is not None and not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", user):
        raise _unknown(text, "git+ssh://user@host/repo")
    repository, _, path = rest.partition("//")
    parts = repository.strip("/").split("/")
    if not 0 < int((port or ":1")[1:]) <= 65_535:
        raise InvalidInput("source.bad_url", f"there is no port {port[1:]}", hint="check the address")
    port = "" if port is None or int(port[1:]) == _PORTS[scheme] else f":{int(port[1:])}"
    if scheme != "ssh":
        _judge_address(f"{scheme}://{host}{port}/")
    if any(part in ("", ".", "..") or part.startswith("-") for part in parts) or re.search(r"[?#%]", repository):
        raise InvalidInput(
            "source.bad_path", f"'{one_line(repository, 80)}' is no path of a repository", hint="check the address"
        )
    where = f"{user}@{host.lower()}" if user else host.lower()
    if scheme == "https" and host.lower() in ("github.com", "www.github.com") and not port and len(parts) == 2:
        return _github("/".join(parts) + (f"/{path}" if path else "") + (f"@{ref}" if ref else ""), text)
    return Source("git", f"{scheme}://{where}{port}/{'/'.join(parts)}", _inside(path), _ref(ref))


def _download(text: str) -> Source:
    scheme = text.partition(":")[0].lower()
    if scheme not in ("https", "http"):
        raise _transport(scheme)
    url = _judge_address(text)
    path = url.partition("?")[0].lower()
    if path.endswith(ARCHIVES):
        return Source("archive", url)
    if path.endswith(".json"):
        return Source("manifest", url)
    raise _unknown(text, "https://.../cowork.plugin.json, https://.../name.zip, or git+https:// for a repository")


def _judge_address(url: str) -> str:
    """The address as it is always written: host in lower case, no usual port, no fragment."""
    from cowork.web.guard import judged

    try:
        return judged(url).url
    except CoworkError as error:
        if error.code == "web.credentials_in_url":
            raise _credentials() from None
        raise type(error)(error.code.replace("web.", "source."), error.message, cause=error.cause, hint=error.hint) from None


def _local(text: str, start: Path | None) -> Source:
    path = Path.home() / text[2:] if text.startswith("~") else Path(text)  # not `./~user`, which is a directory here
    parts: list[str] = []
    for part in ((start or Path.cwd()) / path).parts[1:]:  # `..` is taken as text: a link on the way is not followed
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    absolute = "/" + "/".join(parts)
    _judge_text(absolute)  # the working directory is part of it, and a lockfile has to be able to name it
    return Source("local", absolute)


def _inside(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    if any(part in (".", "..") or part.startswith("-") for part in parts) or "\\" in path or ":" in path:
        raise InvalidInput(
            "source.bad_path", f"'{one_line(path, 80)}' is no path inside a source", hint="name a directory without . and .."
        )
    return "/".join(parts)


def _ref(ref: str | None) -> str | None:
    """A ref that git takes for a name and for nothing else (git check-ref-format, and stricter)."""
    if ref is None:
        return None
    parts = ref.split("/")
    bad = ".." in ref or any(not part or part.startswith((".", "-")) or part.endswith((".lock", ".")) for part in parts)
    if bad or not re.fullmatch(_REF, ref):
        raise InvalidInput(
            "source.bad_ref",
            f"'{one_line(ref, 80)}' is no tag, branch or full commit",
            hint="write @v1.2.3, @main or the 40 hex digits of a commit",
        )
    return ref


def _transport(scheme: str) -> Denied:
    return Denied(
        "source.transport",
        f"packs are not fetched by '{one_line(scheme, 40)}'",
        cause="only https and ssh are; other transports run commands or read this machine's files",
        hint="use git+https://, or name a local directory such as ./pack",
    )


def _credentials() -> Denied:
    return Denied(
        "source.credentials",
        "the address holds a user name or a password",
        cause="it would end up in logs and lockfiles",
        hint="remove it; use ssh with an agent, or GH_TOKEN for GitHub",
    )


def _unknown(text: str, form: str = "github:owner/repo, git+https://..., ./directory, or a catalogue id") -> InvalidInput:
    shown = one_line(text, 80)
    likely = re.fullmatch(rf"{_OWNER}/{_REPOSITORY}(/[^@]+)?(@.+)?", text)
    hint = f"did you mean github:{shown}?" if likely else f"write {form}"
    return InvalidInput("source.unknown", f"'{shown}' is no source of packs", hint=hint, details={"source": shown})
