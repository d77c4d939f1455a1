"""The life of a listing: its states, and what changes them."""
