"""Bash commands as rules see them: read twice, word by word, and refused where the two readings or the proof fail."""
