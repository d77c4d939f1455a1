"""Verification of exported logs, without trust in any node."""
