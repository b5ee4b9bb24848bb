"""A pack as a `.tar.gz` that is the same, byte for byte, whenever and wherever it is made from the same files."""

from __future__ import annotations

import gzip
import io
import tarfile
from hashlib import sha256

from cowork.core.errors import Conflict, InvalidInput
from cowork.install.publishing.surveying import Offered
from cowork.install.tree_hash import combined


def archive(pack: Offered) -> bytes:
    """The archive of a pack: its files by path, without owners and times.

    Raises `registry.pack_changed` when the files are not what the catalogue says any more, `registry.unreadable`.
    """
    contents = {}
    try:
        for file in pack.files:
            with (pack.root / file.path).open("rb") as stream:
                contents[file.path] = stream.read(file.size + 1)
    except OSError as error:
        text = f"cannot read {pack.root}"
        raise InvalidInput("registry.unreadable", text, cause=error.strerror, hint="check its permissions") from error
    if combined({path: sha256(raw).hexdigest() for path, raw in contents.items()}) != pack.entry["treeHash"]:
        raise Conflict(
            "registry.pack_changed",
            f"the pack '{pack.entry['id']}' has changed since the catalogue was made",
            hint="make the catalogue again",
            details={"id": pack.entry["id"]},
        )
    executable = {file.path: file.executable for file in pack.files}
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for path, raw in contents.items():
            member = tarfile.TarInfo(path)
            member.size = len(raw)
            member.mode = 0o755 if executable[path] else 0o644
            tar.addfile(member, io.BytesIO(raw))
    return packed.getvalue()
