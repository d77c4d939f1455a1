"""What a node must not lose or repeat, as files beside its database."""
