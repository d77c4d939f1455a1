"""The life of a listing: its states, and how reliefs, corrections and annotations change them."""
