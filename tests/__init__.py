"""The tests: rules on both databases, and journeys through a real browser."""
