"""The wire: TLS, streams, dialling, limits, and errors as peers and clients read them."""
