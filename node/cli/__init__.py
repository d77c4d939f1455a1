"""The command line: each subcommand its own module, named in `node.cli.main`."""
