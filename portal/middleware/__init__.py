"""What stands around every request, each in a module of its own; the order is that of settings."""
