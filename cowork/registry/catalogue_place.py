"""Where the catalogue of packs is: an address on the web, in one of two forms, or a directory of this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cowork.core import settings
from cowork.core.errors import InvalidInput, NotFound
from cowork.core.paths import data_dir
from cowork.core.text import did_you_mean, one_line

VARIABLE = "PLUGIN_PACK_REGISTRY"
DEFAULT = "https://raw.githubusercontent.com/CoWork-OS/CoWork-OS/main/registry"
FILE_NAME = "pack-catalog.json"
_STATIC_HOSTS = ("raw.githubusercontent.com",)


@dataclass(frozen=True)
class Place:
    """A registry. `static` offers one document on the web, `rest` answers questions, `local` is a directory or a file."""

    base: str
    mode: Literal["local", "static", "rest"]

    @property
    def document(self) -> str:
        """The address of the whole catalogue: of the document, for `rest` of the registry itself; for `local` a path."""
        if self.mode == "rest":
            return self.base
        if self.mode == "local":
            path = Path(self.base)
            return self.base if path.suffix == ".json" else str(path / FILE_NAME)
        return self.base if self.base.endswith(".json") else f"{self.base}/{FILE_NAME}"

    @property
    def shown(self) -> str:
        """The registry as messages show it."""
        return one_line(self.base)

    @property
    def is_default(self) -> bool:
        """Whether it is the one that cowork asks when nothing else is said: what we ship stands in for it."""
        return self.base == DEFAULT


def place() -> Place:
    """The registry in force: `$PLUGIN_PACK_REGISTRY`, else the setting `pack_registry`.

    Raises `registry.bad_address`, `web.credentials_in_url`, and `config.*` for settings that cannot be read.
    """
    return read(os.environ.get(VARIABLE) or settings.one("pack_registry"))


def named(name: str) -> Place:
    """A further registry by the name that the setting `pack_registries` gives it. Raises `registry.unknown`, as `place`."""
    listed = [item.partition("=") for item in str(settings.one("pack_registries")).split(",") if item.strip()]
    known = {key.strip(): address.strip() for key, _, address in listed}
    if name not in known:
        raise NotFound(
            "registry.unknown",
            f"there is no registry called '{one_line(name, 60)}'",
            cause="the setting pack_registries names them: name=address, comma-separated",
            hint=did_you_mean(name, known, f"for a repository on GitHub write github:{one_line(name, 60)}/..."),
            details={"registry": name},
        )
    return read(known[name])


def shipped() -> Place:
    """The catalogue that comes with cowork."""
    return Place(str(data_dir("registry")), "local")


def read(text: str) -> Place:
    """A registry from its address. Raises `registry.bad_address`, `web.credentials_in_url`."""
    text = text.strip()
    scheme, separator, rest = text.partition("://")
    if not separator:
        return _local(text)
    authority, _, path = rest.partition("/")
    if scheme.lower() not in ("https", "http") or not authority or set(text) & set("?#\\"):
        raise _bad_address(text, "an address on the web is https://host/path, without a query")
    if "@" in authority:  # before it is shown, or written into the cache
        from cowork.web.guard import check_url

        check_url(text)
    host = authority.partition(":")[0].lower()
    path = path.strip("/")
    base = f"{scheme.lower()}://{authority}/{path}".rstrip("/")
    static = host in _STATIC_HOSTS or host.endswith(".github.io") or f"/{path}".endswith(("/registry", ".json"))
    return Place(base, "static" if static else "rest")


def _local(text: str) -> Place:
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise _bad_address(text, str(error)) from error
    if not path.is_absolute():
        raise _bad_address(text, "a directory is given by its absolute path")
    return Place(os.path.normpath(path), "local")


def _bad_address(text: str, cause: str) -> InvalidInput:
    return InvalidInput(
        "registry.bad_address",
        f"'{one_line(text)}' is no address of a pack registry",
        cause=cause,
        hint=f"set {VARIABLE} or pack_registry to https://host/registry or to a directory",
        details={"registry": one_line(text)},
    )
