"""Hooks of the kind `http`: the event is posted, the body of the reply is what a command would have written.

Through the guarded client: https and public addresses only, except for hosts the user lists as private. A status alone blocks
nothing; one that is not 2xx is a failure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cowork.agent.hook_runners import YOURS, Handler, failed, out_of_time
from cowork.connectors.secrets import Secrets
from cowork.core.errors import CoworkError
from cowork.hooks.records import Ran
from cowork.web import client

MAX_BODY = 1024 * 1024
"""Bytes of a reply."""
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")


def post(handler: Handler, stdin: str, environ: Mapping[str, str]) -> Ran:
    """Post the event and answer with the reply."""
    written = handler.fields.get("headers") or {}
    if not isinstance(written, Mapping) or not all(isinstance(value, str) for value in written.values()):
        return failed(handler, "its headers are not an object of texts")
    used = _variables(handler, environ)
    headers = {"content-type": "application/json"}
    headers |= {
        str(name).lower(): _VARIABLE.sub(lambda place: used.get(place[1] or place[2], ""), text)
        for name, text in written.items()
    }
    hidden = Secrets(used)
    try:
        reply = client.request(
            "POST",
            str(handler.fields.get("url", "")),
            headers=headers,
            body=stdin.encode("utf-8", "replace"),
            limit=MAX_BODY,
            timeout_s=handler.timeout,
            redirects=0,
        )
    except CoworkError as error:
        return out_of_time(handler) if error.code == "web.timeout" else failed(handler, hidden.hide(error.message))
    text = hidden.hide(reply.body.decode("utf-8", "replace"))
    if not 200 <= reply.status < 300:
        return failed(handler, f"it answers with status {reply.status}")
    return Ran(handler.label, 0, text, "")


def _variables(handler: Handler, environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that its headers may hold: those it lists, without the keys of model providers unless it is the user's."""
    listed = handler.fields.get("allowedEnvVars") or ()
    wanted = [name for name in listed if isinstance(name, str) and name in environ]
    if wanted and handler.source.origin not in YOURS:
        from cowork.models import catalogue

        keys = {name for provider in catalogue.providers() for name in provider.key_env}
        wanted = [name for name in wanted if name not in keys]
    return {name: environ[name] for name in wanted}
