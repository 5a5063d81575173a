"""Upkeep: what may have come out of step, found and mended by `check_site`; what is purged by night."""
