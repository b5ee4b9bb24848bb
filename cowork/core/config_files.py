"""Reading `config.yaml`: small, plain, and never trusted to be what it should."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cowork.core.errors import InvalidInput
from cowork.core.files import read_regular

_MAX_BYTES = 64 * 1024


def read_yaml(path: Path) -> dict[str, Any]:
    """What a file holds; nothing when it is not there. Raises `config.corrupt`."""
    try:
        raw = read_regular(path, _MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise _corrupt(path, error.strerror or str(error)) from error
    if len(raw) > _MAX_BYTES:
        raise _corrupt(path, f"it is larger than {_MAX_BYTES} bytes")
    try:
        document = _parse(raw)
    except Exception as error:  # besides YAMLError, PyYAML lets a dozen others through, KeyError for `!!bool perhaps`
        raise _corrupt(path, " ".join(str(error).split()) or type(error).__name__) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise _corrupt(path, "it must hold a mapping of settings")
    return {str(key): value for key, value in document.items()}


def _parse(raw: bytes) -> Any:
    import yaml

    class Plain(yaml.SafeLoader):
        """YAML without aliases: with them and `<<`, a few bytes stand for more than the memory holds."""

        def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
            if self.check_event(yaml.AliasEvent):
                raise yaml.YAMLError("aliases are not allowed in a configuration")
            return super().compose_node(parent, index)

    return yaml.load(raw, Loader=Plain)  # noqa: S506 - it is a SafeLoader


def _corrupt(path: Path, cause: str) -> InvalidInput:
    return InvalidInput(
        "config.corrupt",
        f"cannot read the configuration {path}",
        cause=cause,
        hint="mend the file or move it away",
        details={"path": str(path)},
    )


def mentions(path: Path, key: str) -> bool:
    """Whether a file may have a key: a look that costs no YAML."""
    try:
        raw = read_regular(path, _MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # `read_yaml` says what is wrong with it
    return key.encode() in raw or b"\\" in raw  # an escape could spell it
