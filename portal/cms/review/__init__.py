"""Review: what colleagues say about an item, and the notices that tell them of it."""
