"""The kernel: what every content app builds on. Imports neither the shell nor the content apps."""
