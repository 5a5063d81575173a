"""Demo content: a fictional agency's site, loaded into an empty one and taken out again whole."""
