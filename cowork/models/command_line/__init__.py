"""Command-line agents asked as models: Claude Code, Codex, Gemini and OpenCode, each run as a program of its own."""
