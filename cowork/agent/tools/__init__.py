"""The tools an agent may call, one module each. Whether a call may happen is decided before it gets here."""
