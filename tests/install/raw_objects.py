"""Git objects written byte by byte, past every check of git's own: what only somebody with bad intent would serve."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.install.git_repo import Repo, bare

BLOB, TREE, EXECUTABLE, SYMLINK, SUBMODULE = b"100644", b"40000", b"100755", b"120000", b"160000"
Item = tuple[bytes, bytes, bytes]
"""An entry of a tree: its mode, its name, the id of its object in 20 bytes."""

_AUTHOR = b"Mallory <mallory@example.com> 1750000000 +0000"
_MEBI = 1024 * 1024
_KINDS = {"commit": 1, "tree": 2, "blob": 3}


@dataclass
class RawRepo:
    """A bare repository whose objects are written raw."""

    repo: Repo

    def blob(self, content: bytes | str) -> bytes:
        """A blob's id."""
        return self.put("blob", content.encode() if isinstance(content, str) else content)

    def tree(self, items: Iterable[Item], *, in_order: bool = True) -> bytes:
        """A tree's id. Entries are sorted as git does unless told to leave them."""
        chosen = sorted(items, key=_git_order) if in_order else list(items)
        return self.put("tree", b"".join(mode + b" " + name + b"\0" + object_id for mode, name, object_id in chosen))

    def directory(self, files: Mapping[str, bytes | str]) -> list[Item]:
        """The entries of a tree for files whose paths may have directories."""
        items: list[Item] = []
        below: dict[str, dict[str, bytes | str]] = {}
        for path, content in files.items():
            first, _, rest = path.partition("/")
            if rest:
                below.setdefault(first, {})[rest] = content
            else:
                items.append((BLOB, first.encode(), self.blob(content)))
        return items + [(TREE, name.encode(), self.tree(self.directory(inner))) for name, inner in below.items()]

    def commit(self, tree: bytes, *, branch: str = "main") -> str:
        """A commit without parents at the tip of a branch; returns its id in hexadecimal digits."""
        lines = (b"tree " + tree.hex().encode(), b"author " + _AUTHOR, b"committer " + _AUTHOR, b"", b"Look, a pack\n")
        commit = self.put("commit", b"\n".join(lines)).hex()
        (self.repo.path / "refs/heads" / branch).write_text(f"{commit}\n")
        return commit

    def put(self, kind: str, content: bytes) -> bytes:
        """Write a loose object; returns its id."""
        whole = b"%b %d\0%b" % (kind.encode(), len(content), content)
        digest = hashlib.sha1(whole)
        path = self.repo.path / "objects" / digest.hexdigest()[:2] / digest.hexdigest()[2:]
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.compress(whole, 1))
        return digest.digest()

    def blob_of_zeros(self, size: int) -> bytes:
        """A blob of so many zeros, in a pack that holds a thousandth of them; `size` is a number of whole MiB."""
        assert size % _MEBI == 0
        digest = hashlib.sha1(b"blob %d\0" % size)
        for _ in range(size // _MEBI):
            digest.update(bytes(_MEBI))
        pack = struct.pack(">4sII", b"PACK", 2, 1) + _pack_head("blob", size) + zlib_of_zeros(size)
        self.repo.git("index-pack", "--stdin", stdin=pack + hashlib.sha1(pack).digest())
        return digest.digest()


def raw_repo(root: Path, name: str) -> RawRepo:
    """An empty bare repository `<root>/<name>.git` to write raw objects into."""
    return RawRepo(bare(root, name))


def zlib_of_zeros(size: int) -> bytes:
    """The zlib stream of `size` zeros (whole MiB), without ever compressing that much."""
    return b"\x78\x9c" + deflate_of_zeros(size) + struct.pack(">I", size % 65521 << 16 | 1)


def deflate_of_zeros(size: int) -> bytes:
    """The raw deflate stream of `size` zeros (whole MiB)."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = compressor.compress(bytes(_MEBI)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return piece * (size // _MEBI) + compressor.flush(zlib.Z_FINISH)


def _pack_head(kind: str, size: int) -> bytes:
    first, size = _KINDS[kind] << 4 | size & 15, size >> 4
    head = bytearray()
    while size:
        head.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    return bytes([*head, first])


def _git_order(item: Item) -> bytes:
    mode, name, _ = item
    return name + b"/" if mode == TREE else name
