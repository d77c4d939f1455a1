"""The state of the node: problems, figures, metrics. It imports no wing that reports to it."""
