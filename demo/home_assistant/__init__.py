"""A real Home Assistant in a process of its own, and how a person uses it."""
