"""Texts that people read: codes, kinds and fields, Chinese first."""
