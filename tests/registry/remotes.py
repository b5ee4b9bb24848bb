"""A registry on the web for one test: a real server that says what it is told to, and remembers what it was asked."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

STATIC, REST = "/registry", "/api"


class Remote:
    """A static registry at `/registry`, a REST registry at `/api`, and whatever else is put at a path."""

    def __init__(self, server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.static, self.rest = server.url_for(STATIC), server.url_for(REST)
        self.etags = True
        self.asked: list[str] = []
        self.conditions: list[str | None] = []
        self.entries: list[dict[str, Any]] = []
        self.about: dict[str, Any] = {}
        self._bodies: dict[str, tuple[int, bytes]] = {}
        self._monkeypatch = monkeypatch
        server.expect_request(re.compile(".*")).respond_with_handler(self._answer)
        monkeypatch.setenv("COWORK_PRIVATE_HOSTS", f"{server.host}:{server.port}")
        self.use(self.static)

    def use(self, base: str) -> None:
        """Make an address the registry in force."""
        self._monkeypatch.setenv("PLUGIN_PACK_REGISTRY", base)

    def put(self, path: str, document: Any, status: int = 200) -> None:
        """Answer at a path: bytes as they are, anything else as JSON."""
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self._bodies[path] = (status, body)

    def publish(self, *entries: Any, **about: Any) -> None:
        """What the static registry offers from now on."""
        self.put(f"{STATIC}/pack-catalog.json", {"version": 1, **about, "packs": list(entries)})

    def fail(self, status: int = 503) -> None:
        """From now on the static registry answers with an error."""
        self.put(f"{STATIC}/pack-catalog.json", b"down", status)

    def serve(self, *entries: dict[str, Any], **about: Any) -> None:
        """What the REST registry offers from now on; `about` stands on every page."""
        self.use(self.rest)
        self.entries, self.about = list(entries), about

    def _answer(self, request: Request) -> Response:
        target = urlsplit(request.url)
        self.asked.append(f"{target.path}?{target.query}" if target.query else target.path)
        self.conditions.append(request.headers.get("If-None-Match"))
        status, body = self._bodies.get(target.path) or self._page(target.path, target.query)
        etag = f'"{hashlib.sha256(body).hexdigest()}"'
        if self.etags and status == 200 and request.headers.get("If-None-Match") == etag:
            return Response(b"", 304)
        return Response(body, status, headers={"ETag": etag} if self.etags and status == 200 else {})

    def _page(self, path: str, query: str) -> tuple[int, bytes]:
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        if path == f"{REST}/packs/search":
            page, size = int(asked["page"]), int(asked["pageSize"])
            found = [item for item in self.entries if asked.get("q", "") in item["id"]]
            results = found[(page - 1) * size : page * size]
            document = {**self.about, "total": len(found), "page": page, "pageSize": size, "results": results}
            return 200, json.dumps(document).encode()
        for item in self.entries:
            if path == f"{REST}/packs/{item['id']}":
                return 200, json.dumps(item).encode()
        return 404, b"{}"
