"""gRPC services of a node: what a request says goes to the objects that know; errors come back."""
