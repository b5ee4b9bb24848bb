"""Presets: a pattern with its seats and options under a name, built in and from config.yaml.

A project's presets choose who receives the user's material, so they count only once the user trusts the directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from cowork.core.errors import CoworkError, InvalidInput, NotFound
from cowork.core.outcome import Notice
from cowork.core.paths import data_dir, home, project_dir
from cowork.core.settings import Settings
from cowork.core.text import did_you_mean
from cowork.loop.budget import Budget
from cowork.loop.request import Wish
from cowork.loop.seating import SeatSpec
from cowork.loop.wishes import step_names
from cowork.models import select
from cowork.patterns import directory

_KEYS = ("description", "pattern", "seats", "count", "without", "options", "with", "fallbacks", "budget")
_SEAT_KEYS = ("model", "fallbacks", "accuracy")
_BUDGET_KEYS = {"calls": int, "tokens": int, "usd": float}


@dataclass(frozen=True)
class PresetSeat:
    """A seat of a preset, who sits there, who may stand in, and the accuracy that was measured."""

    name: str
    target: str
    fallbacks: tuple[str, ...]
    accuracy: float | None


@dataclass(frozen=True)
class PresetItem:
    """A preset. `ready` says whether every seat could be asked now, and `lacking` what is missing otherwise."""

    name: str
    description: str
    pattern: str
    seats: tuple[PresetSeat, ...]
    count: int | None
    options: Mapping[str, int | bool]
    steps: tuple[str, ...]
    without: tuple[str, ...]
    fallbacks: tuple[str, ...]
    budget: Mapping[str, float]
    origin: str
    source: str
    ready: bool
    lacking: str | None


@dataclass(frozen=True)
class PresetList:
    """Presets by name."""

    items: tuple[PresetItem, ...]
    count: int


@dataclass(frozen=True)
class Entry:
    """A preset as it is written, and where."""

    raw: Any
    origin: str
    source: str


def list_presets(settings: Settings) -> tuple[PresetList, tuple[Notice, ...]]:
    """Every preset, sorted by name; one that is not well formed is a notice."""
    entries, notices = _entries(settings)
    items = []
    for name, entry in sorted(entries.items()):
        try:
            items.append(_item(name, entry))
        except InvalidInput as error:
            notices = (*notices, Notice(error.code, error.message))
    return PresetList(tuple(items), len(items)), notices


def show_preset(name: str, settings: Settings) -> tuple[PresetItem, tuple[Notice, ...]]:
    """One preset. Raises `preset.not_found`, `preset.invalid`."""
    entries, notices = _entries(settings)
    return _item(name, _found(name, entries)), notices


def preset_wish(name: str, settings: Settings) -> tuple[Wish, tuple[Notice, ...]]:
    """What a preset asks for. Raises `preset.not_found`, `preset.invalid`."""
    entries, notices = _entries(settings)
    return _wish(name, _found(name, entries)), notices


def _found(name: str, entries: Mapping[str, Entry]) -> Entry:
    if name not in entries:
        hint = did_you_mean(name, entries, "list them with: cowork loop presets")
        raise NotFound("preset.not_found", f"there is no preset '{name}'", hint=hint, details={"preset": name})
    return entries[name]


def _entries(settings: Settings) -> tuple[dict[str, Entry], tuple[Notice, ...]]:
    import yaml

    path = data_dir("templates") / "presets.yaml"
    shipped = yaml.safe_load(path.read_text(encoding="utf-8"))["presets"]
    found = {name: Entry(raw, "builtin", "built in") for name, raw in shipped.items()}
    trusted: bool | None = None
    notices: list[Notice] = []
    for name, entry in settings.section("presets").items():
        if entry.origin == "project":
            trusted = _trusted() if trusted is None else trusted
            if not trusted:
                text = f"{entry.source}: preset '{name}' counts once you trust the project: cowork config trust"
                notices.append(Notice("preset.untrusted", text))
                continue
        found[name] = Entry(entry.value, entry.origin, entry.source)
    return found, tuple(notices)


def _trusted() -> bool:
    from cowork.trust.state import state

    return state(project_dir(), home()).trusted


def _item(name: str, entry: Entry) -> PresetItem:
    wish = _wish(name, entry)
    seats = tuple(PresetSeat(seat, spec.target, spec.fallbacks, spec.accuracy) for seat, spec in wish.seats.items())
    budget = {key: value for key in _BUDGET_KEYS if (value := getattr(wish.budget, key)) is not None}
    lacking = _lacking(wish)
    return PresetItem(
        name=name,
        description=entry.raw.get("description", ""),
        pattern=wish.pattern or "",
        seats=seats,
        count=wish.count,
        options=wish.options,
        steps=wish.steps,
        without=wish.empty,
        fallbacks=wish.fallbacks,
        budget=budget,
        origin=entry.origin,
        source=entry.source,
        ready=lacking is None,
        lacking=lacking,
    )


def _lacking(wish: Wish) -> str | None:
    """What the first seat lacks that could not be asked, None when all could."""
    try:
        for spec in wish.seats.values():
            for text in (spec.target, *spec.fallbacks):
                select.require_ready(select.parse(text))
    except CoworkError as error:
        return error.message
    return None


def _wish(name: str, entry: Entry) -> Wish:
    """A preset, judged key by key. Raises `preset.invalid` naming the file, the preset and the rule."""
    checked = _Checked(name, entry)
    checked.keys(entry.raw, _KEYS, "")
    pattern = directory.PATTERNS.get(checked.text(entry.raw, "pattern") or "solo")
    if pattern is None:
        raise checked.refusal("there is no pattern of that name", "list them with: cowork loop patterns")
    checked.text(entry.raw, "description")
    options = checked.mapping(entry.raw, "options")
    for key, value in options.items():
        if key not in pattern.options or type(value) is not type(pattern.options[key]):
            takes = ", ".join(pattern.options) or "none"
            raise checked.refusal(
                f"options.{key} is not an option of {pattern.name}, or not of its type", f"its options: {takes}"
            )
    budget = checked.mapping(entry.raw, "budget")
    checked.keys(budget, tuple(_BUDGET_KEYS), "budget.")
    return Wish(
        pattern=pattern.name,
        seats={seat: checked.seat(seat, raw) for seat, raw in checked.mapping(entry.raw, "seats").items()},
        count=checked.number(entry.raw, "count", int),
        empty=checked.texts(entry.raw, "without"),
        options=options,
        steps=step_names(checked.texts(entry.raw, "with")),
        fallbacks=checked.texts(entry.raw, "fallbacks"),
        budget=Budget(**{key: checked.number(budget, key, kind) for key, kind in _BUDGET_KEYS.items()}),
    )


class _Checked:
    """Reads the parts of a preset, each by its rule."""

    def __init__(self, name: str, entry: Entry) -> None:
        self._name = name
        self._entry = entry
        if not isinstance(entry.raw, Mapping):
            raise self.refusal("it must be a mapping")

    def refusal(self, rule: str, hint: str = "see docs/patterns.md for the form of a preset") -> InvalidInput:
        return InvalidInput(
            "preset.invalid",
            f"{self._entry.source}: preset '{self._name}': {rule}",
            hint=hint,
            details={"preset": self._name, "source": self._entry.source},
        )

    def keys(self, held: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
        for key in held:
            if key not in known:
                raise self.refusal(
                    f"there is no '{where}{key}'", did_you_mean(str(key), known, f"there are: {', '.join(known)}")
                )

    def text(self, held: Mapping[str, Any], key: str) -> str:
        value = held.get(key, "")
        if not isinstance(value, str):
            raise self.refusal(f"'{key}' must be a text")
        return value

    def texts(self, held: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = held.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.refusal(f"'{key}' must be a list of texts")
        return tuple(value)

    def mapping(self, held: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = held.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(item, str) for item in value):
            raise self.refusal(f"'{key}' must be a mapping")
        return value

    def number(self, held: Mapping[str, Any], key: str, kind: type) -> Any:
        value = held.get(key)
        if value is None:
            return None
        fits = not isinstance(value, bool) and isinstance(value, (int, float) if kind is float else int)
        if not fits or not 0 < value < inf:
            raise self.refusal(f"'{key}' must be a number above 0")
        return value

    def seat(self, name: str, raw: Any) -> SeatSpec:
        if isinstance(raw, str) and raw:
            return SeatSpec(raw)
        if not isinstance(raw, dict):
            raise self.refusal(f"seats.{name} must be PROVIDER[/MODEL], or a mapping with model, fallbacks, accuracy")
        self.keys(raw, _SEAT_KEYS, f"seats.{name}.")
        accuracy = raw.get("accuracy")
        if accuracy is not None and (
            isinstance(accuracy, bool) or not isinstance(accuracy, (int, float)) or not 0 < accuracy < 1
        ):
            raise self.refusal(f"seats.{name}.accuracy must be between 0 and 1")
        target = self.text(raw, "model")
        if not target:
            raise self.refusal(f"seats.{name} needs a model: PROVIDER[/MODEL]")
        return SeatSpec(target, self.texts(raw, "fallbacks"), accuracy)
