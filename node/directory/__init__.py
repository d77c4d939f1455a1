"""The directory DIR of a node: its settings, keys and certificates, and who works in it."""
