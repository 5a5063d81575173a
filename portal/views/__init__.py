"""Pages that mix the apps."""
