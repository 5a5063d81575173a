"""All rows of one database into another: SQLite to PostgreSQL and back, a backup, and out of it again."""
