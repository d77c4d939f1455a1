"""Trusted time: what may depend on it, and what the operator says of it."""
