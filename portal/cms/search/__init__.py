"""Search that finds every literal match in Chinese text, with no dictionary.

`tokens` turns words into what is indexed, `engines` keeps that in SQLite's FTS5 or PostgreSQL's GIN,
`indexing` follows every save, `finding` answers queries, `snippets` shows what was found.
"""
