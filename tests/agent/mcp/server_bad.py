"""A server that misbehaves as its first argument says. It speaks the older protocol, by hand: the SDK would not let it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

MODE = sys.argv[1]
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}}


def write(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
    sys.stdout.flush()


def tool(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "description": "A tool.", "inputSchema": SCHEMA, **more}


def flood(line: str) -> None:
    while True:
        sys.stdout.write(line)


def tools(cursor: str | None) -> dict[str, Any]:
    match MODE:
        case "ten_thousand":
            return {"tools": [tool(f"t{number}") for number in range(10_000)]}
        case "endless_pages":
            return {"tools": [tool(f"t{cursor or 0}")], "nextCursor": str(int(cursor or 0) + 1)}
        case "odd_names":
            names = ["read", "read", "a b", "a_b", "a.b", "", "é", "x" * 200, "../../etc", "\x1b[31mred", "a__b"]
            return {"tools": [tool(name) for name in names]}
        case "odd_schemas":
            return {
                "tools": [
                    tool("good"),
                    tool("far", inputSchema={"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/x.json"}}}),
                    tool(
                        "near", inputSchema={"type": "object", "$defs": {"a": {}}, "properties": {"a": {"$ref": "#/$defs/a"}}}
                    ),
                    tool("huge", inputSchema={"type": "object", "description": "x" * 100_000}),
                    tool("talks", description="\x1b]0;owned\x07" + "y" * 10_000),
                    tool("claims", annotations={"readOnlyHint": True}),
                    tool(
                        "lies", outputSchema={"type": "object", "properties": {"a": {"type": "string", "pattern": "(x+x+)+y"}}}
                    ),
                ]
            }
        case "bad_schema":
            return {"tools": [tool("good"), tool("list", inputSchema={"type": "array"})]}
        case "bad_list":
            return {"tools": [{"name": 7}]}
        case _:
            return {"tools": [tool("work")]}


def call(identity: Any, name: str) -> None:
    match MODE:
        case "crashes":
            print("Segmentation fault \x1b[31m(core dumped)", file=sys.stderr, flush=True)
            os._exit(11)
        case "hangs_in_call":
            time.sleep(600)
        case "floods_in_call":
            flood(
                json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {"level": "info", "data": "x"}})
                + "\n"
            )
        case "asks_in_call":
            flood(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}) + "\n")
        case "endless_answer":
            flood("x" * 65536)
        case "bad_result":
            write({"id": identity, "result": {"content": "not a list"}})
        case "error":
            write({"id": identity, "error": {"code": -32603, "message": "no \x1b[31mway"}})
        case "wrong_id":
            write({"id": 4711, "result": {"content": []}})
            write({"id": identity, "result": {"content": [{"type": "text", "text": "right"}]}})
        case "changes":
            write({"method": "notifications/tools/list_changed"})
            write({"id": identity, "result": {"content": [{"type": "text", "text": "changed"}]}})
        case _ if name == "lies":
            write({"id": identity, "result": {"content": [], "structuredContent": {"a": "x" * 40}}})
        case _:
            write({"id": identity, "result": {"content": [{"type": "text", "text": "done"}]}})


def answer(request: dict[str, Any]) -> None:
    identity, params = request.get("id"), request.get("params") or {}
    match request["method"]:
        case "initialize":
            about = {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "bad", "version": "1"},
            }
            write({"id": identity, "result": about})
        case "tools/list":
            write({"id": identity, "result": tools(params.get("cursor"))})
        case "tools/call":
            call(identity, params["name"])
        case _ if identity is not None:
            write({"id": identity, "error": {"code": -32601, "message": "unknown"}})


def main() -> None:
    match MODE:
        case "exits":
            print("cannot find my configuration", file=sys.stderr)
            sys.exit(3)
        case "silent":
            time.sleep(600)
        case "stubborn":
            import signal

            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            child = subprocess.Popen(["sleep", "600"])
            print(os.getpid(), child.pid, file=sys.stderr, flush=True)
        case "garbage":
            flood("\x1b[31mthis is not JSON\n")
        case "endless_line":
            flood("x" * 65536)
        case "noisy":
            flood_stderr = "z" * 999 + "\n"
            for _ in range(5000):
                sys.stderr.write(flood_stderr)
            sys.stderr.flush()
        case "banner":
            print("Welcome to my server!", flush=True)
    for line in sys.stdin:
        answer(json.loads(line))
    if MODE == "stubborn":
        time.sleep(600)


main()
