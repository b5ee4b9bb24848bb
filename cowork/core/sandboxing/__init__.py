"""Programs that see and change only what they are meant to: bwrap on Linux, sandbox-exec on macOS. See docs/sandbox.md."""
