"""Declared and locked dependencies of Python, npm, Rust and Go, as their files say it."""
