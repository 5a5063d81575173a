"""Signing in: passwords, second factors, sessions and devices. allauth does it, in our words."""
