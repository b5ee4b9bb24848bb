"""An agent's turns. Today one turn: a prompt, a model, its answer."""
