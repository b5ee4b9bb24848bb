"""Who does the work of an iteration: command-line agents, the built-in agent, and models that only answer."""
