"""MCP servers for the agent, with real servers as processes."""
