"""What twins keep in `cowork.db`. The SQL keeps to what SQLite and PostgreSQL both understand."""
