"""News posts: categories, authors, articles, tags, reads and the ranking made of them."""
