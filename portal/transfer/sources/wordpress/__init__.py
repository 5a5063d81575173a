"""A WordPress site in its export file (WXR)."""
