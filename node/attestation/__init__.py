"""Whose firm is it: attestations of subjects, asked of the region that registered them."""
