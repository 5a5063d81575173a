"""The whole site in one file: out of one site, and into an empty one."""
