"""What platforms and the node agree on: control totals."""
