"""cowork: AI teammates you can script, from packs of skills to loops that prove they are done."""

# A literal, not importlib.metadata: reading the metadata costs more than the whole start-up budget.
__version__ = "0.1.0"
