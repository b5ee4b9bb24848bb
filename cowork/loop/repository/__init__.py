"""The project's own git repository: what changed in it, committing it, and worktrees for tasks side by side."""
