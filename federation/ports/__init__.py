"""Ports: what the rules ask of the store, as protocols and values."""
