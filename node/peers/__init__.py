"""The exchange with members: what a peer is sent, what of its batches is taken, packets."""
