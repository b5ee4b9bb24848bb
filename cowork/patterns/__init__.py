"""Collaboration protocols: pure decisions over seats. A pattern asks, receives answers, and decides; it does no I/O."""
