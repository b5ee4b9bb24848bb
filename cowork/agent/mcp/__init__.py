"""MCP servers for the agent: which there are, talking to them, and their tools. The SDK is loaded when a server is started."""
