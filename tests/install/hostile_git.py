"""Repositories that mean harm: each holds a valid pack, and one thing that must not reach the disk.

`HOSTILE` are trees that an installer refuses; `HOSTILE_MANIFESTS` are sound trees whose manifests are not; `HOSTILE_REFS` need
the ref that goes with them; `HARMLESS` look alike but are to be installed, byte for byte.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.install.git_repo import Repo, bare, make_repo
from tests.install.raw_objects import BLOB, EXECUTABLE, SUBMODULE, SYMLINK, TREE, Item, RawRepo, raw_repo

NAME = "hostile-notes"
"""What the pack in every repository calls itself, unless its manifest is the point."""

BIG_BLOB_BYTES = 200 * 1024 * 1024
MANY_FILES = 100_001
Build = Callable[[Path], Repo]


def manifest(**changes: Any) -> str:
    """The manifest of a small valid pack, with changes."""
    skill = {"id": "take-notes", "name": "Take notes", "description": "Takes notes", "prompt": "Take notes."}
    least = {
        "name": NAME,
        "displayName": "Notes",
        "version": "1.0.0",
        "description": "Notes",
        "type": "pack",
        "skills": [skill],
    }
    return json.dumps({**least, **changes}, indent=2)


PACK: Mapping[str, str] = {"cowork.plugin.json": manifest(), "README.md": "Notes\n", "docs/more.md": "More\n"}


def with_items(name: str, items: Callable[[RawRepo], list[Item]], *, in_order: bool = True) -> Build:
    """A builder of the valid pack with further entries in its root."""

    def build(root: Path) -> Repo:
        raw = raw_repo(root, name)
        raw.commit(raw.tree([*raw.directory(PACK), *items(raw)], in_order=in_order))
        return raw.repo

    return build


def blob_named(name: str, *file_names: bytes | str) -> Build:
    """A builder of the valid pack with files of these names, as single entries whatever the names hold."""
    names = [item.encode() if isinstance(item, str) else item for item in file_names]
    return with_items(name, lambda raw: [(BLOB, item, raw.blob("evil\n")) for item in names])


def tree_named(name: str, file_name: bytes | str, files: Mapping[str, str]) -> Build:
    """A builder of the valid pack with a directory of this name."""
    raw_name = file_name.encode() if isinstance(file_name, str) else file_name
    return with_items(name, lambda raw: [(TREE, raw_name, raw.tree(raw.directory(files)))])


def link_named(name: str, file_name: str, target: str) -> Build:
    """A builder of the valid pack with a symbolic link."""
    return with_items(name, lambda raw: [(SYMLINK, file_name.encode(), raw.blob(target))])


def _git_directory() -> dict[str, str]:
    return {
        "HEAD": "ref: refs/heads/main\n",
        "config": "[core]\n\tfsmonitor = touch evil\n",
        "hooks/post-checkout": "#!/bin/sh\n",
    }


def _submodule(raw: RawRepo) -> list[Item]:
    return [(SUBMODULE, b"vendored", b"\x11" * 20)]


def _submodule_by_ext(raw: RawRepo) -> list[Item]:
    text = '[submodule "vendored"]\n\tpath = vendored\n\turl = ext::sh -c touch% evil\n'
    return [*_submodule(raw), (BLOB, b".gitmodules", raw.blob(text))]


def _link_and_directory(raw: RawRepo) -> list[Item]:
    """A link and a directory of one name: who writes in order writes through the link."""
    return [(SYMLINK, b"skills", raw.blob("/tmp")), (TREE, b"skills", raw.tree(raw.directory({"evil.md": "evil"})))]


def _twice(raw: RawRepo) -> list[Item]:
    return [(BLOB, b"README.md", raw.blob("another\n"))]


def _file_and_directory(raw: RawRepo) -> list[Item]:
    return [(BLOB, b"notes", raw.blob("")), (TREE, b"notes", raw.tree(raw.directory({"a.md": "a"})))]


def _two_directories(raw: RawRepo) -> list[Item]:
    return [
        (TREE, b"Notes", raw.tree([(BLOB, b"a.md", raw.blob("a"))])),
        (TREE, b"notes", raw.tree([(BLOB, b"b.md", raw.blob("b"))])),
    ]


def _missing_blob(raw: RawRepo) -> list[Item]:
    return [(BLOB, b"gone.md", b"\x22" * 20)]


def _many_files(raw: RawRepo) -> list[Item]:
    empty = raw.blob("")
    return [(BLOB, b"f%06d" % number, empty) for number in range(MANY_FILES)]


def _many_directories(raw: RawRepo) -> list[Item]:
    empty = raw.blob("")
    thousand = raw.tree((BLOB, b"f%03d" % number, empty) for number in range(1000))
    return [(TREE, b"d%03d" % number, thousand) for number in range(101)]


def _deep(raw: RawRepo) -> list[Item]:
    tree = raw.tree([(BLOB, b"deep.md", raw.blob("deep"))])
    for _ in range(200):
        tree = raw.tree([(TREE, b"d", tree)])
    return [(TREE, b"d", tree)]


def _long_path(raw: RawRepo) -> list[Item]:
    tree = raw.tree([(BLOB, b"long.md", raw.blob("long"))])
    for _ in range(20):
        tree = raw.tree([(TREE, b"x" * 200, tree)])
    return [(TREE, b"x", tree)]


def _tree_bomb(raw: RawRepo) -> list[Item]:
    """Ten levels of ten identical directories: 10,000,000,000 files in a dozen objects."""
    empty = raw.blob("")
    tree = raw.tree((BLOB, b"f%d" % number, empty) for number in range(10))
    for _ in range(9):
        tree = raw.tree((TREE, b"d%d" % number, tree) for number in range(10))
    return [(TREE, b"bomb", tree)]


def _big_blob(raw: RawRepo) -> list[Item]:
    return [(BLOB, b"zeros.md", raw.blob_of_zeros(BIG_BLOB_BYTES))]


def _large_together(raw: RawRepo) -> list[Item]:
    """Each file is within every sensible limit; 100 times 10 MiB are not."""
    zeros = raw.blob_of_zeros(10 * 1024 * 1024)
    return [(BLOB, b"part-%02d.md" % number, zeros) for number in range(100)]


def _no_tree(root: Path) -> Repo:
    raw = raw_repo(root, "empty-tree")
    raw.commit(raw.tree([]))
    return raw.repo


HOSTILE: dict[str, Build] = {
    "dot-dot": tree_named("dot-dot", "..", {"evil.md": "evil"}),
    "dot-dot-file": blob_named("dot-dot-file", ".."),
    "dot": tree_named("dot", ".", {"evil.md": "evil"}),
    "dot-git": tree_named("dot-git", ".git", _git_directory()),
    "dot-git-file": blob_named("dot-git-file", ".git"),
    "dot-git-upper": tree_named("dot-git-upper", ".GIT", _git_directory()),
    "dot-git-short": tree_named("dot-git-short", "git~1", _git_directory()),
    "dot-git-zero-width": tree_named("dot-git-zero-width", ".g\u200cit", _git_directory()),
    "dot-git-trailing-dot": tree_named("dot-git-trailing-dot", ".git.", _git_directory()),
    "dot-git-trailing-space": tree_named("dot-git-trailing-space", ".git ", _git_directory()),
    "dot-git-stream": tree_named("dot-git-stream", ".git::$INDEX_ALLOCATION", _git_directory()),
    "dot-git-below": tree_named("dot-git-below", "vendored", {".git/config": "[core]\n", "a.md": "a"}),
    "slash-in-name": blob_named("slash-in-name", "a/b.md"),
    "climb-in-name": blob_named("climb-in-name", "../evil.md"),
    "climb-below": tree_named("climb-below", "skills/../..", {"evil.md": "evil"}),
    "absolute-name": blob_named("absolute-name", "/tmp/evil.md"),
    "backslash": blob_named("backslash", "..\\evil.md"),
    "drive": blob_named("drive", "C:evil.md"),
    "stream": blob_named("stream", "README.md:evil"),
    "symlink-out": link_named("symlink-out", "passwd.md", "/etc/passwd"),
    "symlink-up": link_named("symlink-up", "up", "../../.."),
    "symlink-within": link_named("symlink-within", "again.md", "README.md"),
    "symlink-manifest": link_named("symlink-manifest", "SKILL.md", "/etc/passwd"),
    "symlink-and-directory": with_items("symlink-and-directory", _link_and_directory, in_order=False),
    "submodule": with_items("submodule", _submodule),
    "submodule-ext": with_items("submodule-ext", _submodule_by_ext),
    "duplicate-entry": with_items("duplicate-entry", _twice),
    "file-and-directory": with_items("file-and-directory", _file_and_directory),
    "case-collision": blob_named("case-collision", "SKILL.md", "Skill.md"),
    "case-collision-directory": with_items("case-collision-directory", _two_directories),
    "unicode-collision": blob_named("unicode-collision", *(unicodedata.normalize(form, "café.md") for form in ("NFC", "NFD"))),
    "case-collision-sharp-s": blob_named("case-collision-sharp-s", "straße.md", "STRASSE.md"),
    "device-con": blob_named("device-con", "CON"),
    "device-aux": blob_named("device-aux", "aux.md"),
    "device-nul": blob_named("device-nul", "NUL"),
    "device-com1": blob_named("device-com1", "COM1"),
    "device-com-superscript": blob_named("device-com-superscript", "com¹.md"),
    "device-lpt": blob_named("device-lpt", "lpt9.tar.gz"),
    "device-directory": tree_named("device-directory", "prn", {"a.md": "a"}),
    "trailing-dot": blob_named("trailing-dot", "notes.md."),
    "trailing-space": blob_named("trailing-space", "notes.md "),
    "forbidden-character": blob_named("forbidden-character", "what?.md"),
    "control-bell": blob_named("control-bell", "bell\x07.md"),
    "control-newline": blob_named("control-newline", "new\nline.md"),
    "control-escape": blob_named("control-escape", "\x1b[2Jclear.md"),
    "control-delete": blob_named("control-delete", "del\x7f.md"),
    "control-c1": blob_named("control-c1", "csi\u009b.md"),
    "bidi": blob_named("bidi", "notes\u202edm.exe"),
    "zero-width": blob_named("zero-width", "no\u200btes.md"),
    "tag-characters": blob_named("tag-characters", "notes\U000e0041.md"),
    "invalid-utf8": blob_named("invalid-utf8", b"caf\xe9.md"),
    "surrogate": blob_named("surrogate", b"\xed\xb2\x80.md"),
    "overlong-slash": blob_named("overlong-slash", b"..\xc0\xafevil.md"),
    "many-files": with_items("many-files", _many_files),
    "many-directories": with_items("many-directories", _many_directories),
    "deep": with_items("deep", _deep),
    "long-name": blob_named("long-name", "n" * 253 + ".md"),
    "longest-name": blob_named("longest-name", "n" * 4_090),
    "long-name-bytes": blob_named("long-name-bytes", "ß" * 130 + ".md"),
    "long-path": with_items("long-path", _long_path),
    "big-blob": with_items("big-blob", _big_blob),
    "large-together": with_items("large-together", _large_together),
    "tree-bomb": with_items("tree-bomb", _tree_bomb),
    "missing-blob": with_items("missing-blob", _missing_blob),
    "zero-padded-mode": with_items("zero-padded-mode", lambda raw: [(b"0100644", b"padded.md", raw.blob("a"))]),
    "odd-mode": with_items("odd-mode", lambda raw: [(b"60644", b"device.md", raw.blob("a"))]),
    "empty-repository": lambda root: bare(root, "empty-repository"),
    "empty-tree": _no_tree,
}


def _files(name: str, files: Mapping[str, str | bytes]) -> Build:
    return lambda root: make_repo(root, name, files)


def _with_manifest(name: str, text: str | bytes) -> Build:
    return _files(name, {**PACK, "cowork.plugin.json": text})


def _marketplace(name: str, *plugins: dict[str, Any], **files: str) -> Build:
    listing = {"name": "stall", "owner": {"name": "Mallory"}, "plugins": list(plugins)}
    return _files(name, {".claude-plugin/marketplace.json": json.dumps(listing), "README.md": "", **files})


HOSTILE_MANIFESTS: dict[str, Build] = {
    "named-like-bundled": _with_manifest("named-like-bundled", manifest(name="devops")),
    "named-like-bundled-pack": _with_manifest("named-like-bundled-pack", manifest(name="devops-pack")),
    "named-like-bundled-case": _with_manifest("named-like-bundled-case", manifest(name="DevOps")),
    "name-climbs": _with_manifest("name-climbs", manifest(name="../../evil")),
    "name-absolute": _with_manifest("name-absolute", manifest(name="/tmp/evil")),
    "name-control": _with_manifest("name-control", manifest(name="evil\x1b[2J")),
    "name-device": _with_manifest("name-device", manifest(name="nul")),
    "name-hidden": _with_manifest("name-hidden", manifest(name=".staging")),
    "name-option": _with_manifest("name-option", manifest(name="--yes")),
    "name-empty": _with_manifest("name-empty", manifest(name="")),
    "name-long": _with_manifest("name-long", manifest(name="a" * 200)),
    "name-homoglyph": _with_manifest("name-homoglyph", manifest(name="dev\u043eps")),
    "no-version": _with_manifest("no-version", manifest(version="")),
    "not-json": _with_manifest("not-json", manifest()[:-1]),
    "not-utf8": _with_manifest("not-utf8", manifest().encode().replace(b"Notes", b"N\xe9tes")),
    "not-an-object": _with_manifest("not-an-object", "[]"),
    "nan": _with_manifest("nan", manifest(metadata=float("nan"))),
    "too-large": _with_manifest("too-large", manifest(description="x" * 5_000_000)),
    "nested": _with_manifest("nested", manifest(metadata=0).replace('"metadata": 0', f'"metadata": {"[" * 9999}{"]" * 9999}')),
    "skill-directory-climbs": _with_manifest(
        "skill-directory-climbs", manifest(skillDirectories=[{"id": "out", "path": "../../outside"}])
    ),
    "plugin-name-climbs": _files(
        "plugin-name-climbs", {".claude-plugin/plugin.json": '{"name": "../evil"}', "skills/a/SKILL.md": ""}
    ),
    "plugin-source-climbs": _marketplace("plugin-source-climbs", {"name": "evil", "source": "./../../evil"}),
    "plugin-source-absolute": _marketplace("plugin-source-absolute", {"name": "evil", "source": "/etc"}),
    "plugin-source-ext": _marketplace(
        "plugin-source-ext", {"name": "evil", "source": {"source": "url", "url": "ext::sh -c touch% evil"}}
    ),
    "plugin-source-option": _marketplace(
        "plugin-source-option", {"name": "evil", "source": {"source": "url", "url": "--upload-pack=touch evil"}}
    ),
    "plugin-ref-option": _marketplace(
        "plugin-ref-option", {"name": "evil", "source": {"source": "github", "repo": "o/r", "ref": "--upload-pack=touch evil"}}
    ),
    "plugin-source-command": _marketplace(
        "plugin-source-command", {"name": "evil", "source": {"source": "command", "command": "touch evil"}}
    ),
    "plugin-lies-about-its-name": _marketplace(
        "plugin-lies-about-its-name",
        {"name": "honest", "source": "./plugins/honest"},
        **{
            "plugins/honest/.claude-plugin/plugin.json": '{"name": "other"}',
            "plugins/honest/skills/a/SKILL.md": "---\nname: a\ndescription: A\n---\nDo it.\n",
        },
    ),
}


def _tagged(name: str, ref: str, target: Callable[[RawRepo], bytes]) -> Build:
    def build(root: Path) -> Repo:
        raw = raw_repo(root, name)
        raw.commit(raw.tree(raw.directory(PACK)))
        raw.repo.git("update-ref", ref, target(raw).hex())
        return raw.repo

    return build


def _commit_of_pack(raw: RawRepo) -> bytes:
    return bytes.fromhex(raw.repo.head)


HOSTILE_REFS: dict[str, tuple[Build, str]] = {
    "tag-of-a-blob": (_tagged("tag-of-a-blob", "refs/tags/v1", lambda raw: raw.blob("not a commit")), "v1"),
    "tag-of-a-tree": (_tagged("tag-of-a-tree", "refs/tags/v1", lambda raw: raw.tree(raw.directory(PACK))), "v1"),
    "option-as-branch": (
        _tagged("option-as-branch", "refs/heads/--upload-pack=touch_evil", _commit_of_pack),
        "--upload-pack=touch_evil",
    ),
}


def _attributes(root: Path) -> Repo:
    attributes = "*.md filter=evil diff=evil merge=evil text eol=crlf ident export-ignore\n* working-tree-encoding=UTF-16\n"
    return make_repo(root, "attributes", {**PACK, ".gitattributes": attributes, "docs/id.md": "$Id$\nline\n"})


def _old_mode(raw: RawRepo) -> list[Item]:
    """Git before 2005 wrote 100664; fsck calls it a note."""
    return [(b"100664", b"old.md", raw.blob("old\n"))]


def _nested_tags(root: Path) -> Repo:
    repo = make_repo(root, "nested-tags", PACK)
    repo.tag("inner", repo.tag("v1", annotated=True), annotated=True)
    return repo


HARMLESS: dict[str, Build] = {
    "attributes": _attributes,
    "lfs-pointer": _files(
        "lfs-pointer", {**PACK, "docs/big.md": f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"}
    ),
    "byte-order-mark": _with_manifest("byte-order-mark", b"\xef\xbb\xbf" + manifest().encode()),
    "carriage-returns": _files("carriage-returns", {**PACK, "docs/dos.md": "one\r\ntwo\r\n"}),
    "odd-but-legal-names": _files("odd-but-legal-names", {**PACK, "docs/a b — ü 日本 (1) [x] #%&+,;=@'~.md": "odd\n"}),
    "old-mode": with_items("old-mode", _old_mode),
    "empty-directory": with_items("empty-directory", lambda raw: [(TREE, b"nothing", raw.tree([]))]),
    "executable": with_items("executable", lambda raw: [(EXECUTABLE, b"run.sh", raw.blob("#!/bin/sh\necho run\n"))]),
    "nested-tags": _nested_tags,
}
