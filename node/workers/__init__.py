"""Processes that read and seal the statements of a batch beside the one that stores them."""
