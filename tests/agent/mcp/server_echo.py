"""A good server, over stdio or, with a port file as argument, streamable HTTP or SSE."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from mcp.server.mcpserver import Context, MCPServer
from mcp.types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
    ToolAnnotations,
)

server = MCPServer("echo")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def echo(text: str) -> CallToolResult:
    """Say it again."""
    return CallToolResult(content=[TextContent(text=text)])


@server.tool()
def surroundings() -> dict[str, str]:
    """What this process was given."""
    return {**os.environ, "WORKING_DIRECTORY": os.getcwd(), "GROUP": str(os.getpgid(0)), "PID": str(os.getpid())}


@server.tool(structured_output=False)
def many(characters: int) -> str:
    """A long answer."""
    return "x" * characters


@server.tool(structured_output=False)
def fails() -> str:
    """It always fails."""
    raise ValueError("the cupboard is bare")


@server.tool()
def mixed() -> CallToolResult:
    """One of everything."""
    return CallToolResult(
        content=[
            TextContent(text="first"),
            ImageContent(data="aGVsbG8=", mime_type="image/png"),
            AudioContent(data="aGVsbG8h", mime_type="audio/wav"),
            ResourceLink(name="r", uri="file:///r.txt", mime_type="text/plain", size=12),
            EmbeddedResource(resource=TextResourceContents(uri="mem://a", text="inside", mime_type="text/plain")),
            EmbeddedResource(resource=BlobResourceContents(uri="mem://b", blob="aGVsbG8=", mime_type="application/zip")),
            TextContent(text="last"),
        ]
    )


@server.tool()
def structure() -> CallToolResult:
    """No text, only structure."""
    return CallToolResult(content=[], structured_content={"answer": 42})


@server.tool(structured_output=False)
def sleeps() -> str:
    """It takes for ever."""
    time.sleep(600)
    return "never"


@server.tool(structured_output=False)
def leaves_a_child(where: str) -> str:
    """A child that outlives its call."""
    child = subprocess.Popen(["sleep", "600"])
    Path(where).write_text(str(child.pid))
    return str(child.pid)


@server.tool(structured_output=False)
async def grows(context: Context) -> str:
    """Another tool appears."""
    server.add_tool(lambda: "fresh", name="newcomer", description="It came later.")
    await context.notify_tools_changed() if hasattr(context, "notify_tools_changed") else None
    return "grown"


if __name__ == "__main__":
    print("a banner on stderr", file=sys.stderr)
    if len(sys.argv) > 1:
        server.run(sys.argv[1], port=int(sys.argv[2]))
    else:
        server.run("stdio")
