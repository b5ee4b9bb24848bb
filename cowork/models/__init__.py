"""Models behind one protocol: the provider catalogue, adapters, usage, and errors as classes."""
