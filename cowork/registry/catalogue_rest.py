"""What a REST registry can be asked: for a page of a search, for one entry, for its categories."""

from __future__ import annotations

from cowork.registry import catalogue_read, catalogue_remote
from cowork.registry.catalogue_cache import Copy
from cowork.registry.catalogue_place import Place
from cowork.registry.catalogue_read import Catalogue
from cowork.registry.catalogue_remote import Fetched
from cowork.registry.catalogue_source import Question


def page_of(place: Place, query: str, category: str | None, page: int, page_size: int) -> Question:
    """The question for a page of a search."""
    address = catalogue_remote.page_address(place, page, query=query, category=category, page_size=page_size)

    def read(body: bytes) -> Catalogue:
        return catalogue_read.page(catalogue_read.parse(body, place.shown), place.shown)

    return Question(place, address, lambda held: catalogue_remote.get(address, held), read)


def entry_of(place: Place, pack_id: str) -> Question:
    """The question for one entry. To it, `registry.not_found` is an answer, and an older entry than before is none."""
    address = catalogue_remote.entry_address(place, pack_id)

    def fetch(held: Copy | None) -> Fetched:
        return catalogue_remote.get(address, held, may_lack=True)

    def read(body: bytes) -> Catalogue:
        return catalogue_read.single(catalogue_read.parse(body, place.shown), pack_id, place.shown)

    return Question(place, address, fetch, read, keeps_history=True)


def categories_of(place: Place) -> Question:
    """The question for the categories."""
    address = catalogue_remote.categories_address(place)

    def read(body: bytes) -> Catalogue:
        return catalogue_read.categories(catalogue_read.parse(body, place.shown), place.shown)

    return Question(place, address, lambda held: catalogue_remote.get(address, held), read)
