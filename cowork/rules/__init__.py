"""Tool rules: what a tool call may do, judged from its name and arguments alone. Runs nothing, reads no configuration."""
