"""Files of tasks: read, chosen from, and written in place."""
