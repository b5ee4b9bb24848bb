"""Hooks: events, matching and running handlers. Standard library only, and little of it at import time."""
