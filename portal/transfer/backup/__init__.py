"""Backups: all rows, all files, one tar with a sum for each part; and the way back."""
