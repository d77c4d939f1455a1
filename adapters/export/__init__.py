"""What leaves the node as files: logs as tiles, records as tables."""
