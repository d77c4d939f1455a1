"""The ports made real: stores, key ring, files."""
