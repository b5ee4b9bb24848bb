"""`cowork-fake-agent`: a command-line agent that does what a script says, so that loops can be tested without a model.

It speaks as Claude Code does, needs the standard library only (and yaml for a script in YAML), and starts fast.
"""
