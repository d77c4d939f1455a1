"""The program: configuration, wiring, network, command line."""
