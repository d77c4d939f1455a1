"""Upkeep: check, scrub, rebuild, rotation of keys."""
