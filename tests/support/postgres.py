"""The PostgreSQL server of the tests: that of the larger demo."""

from node.demo.postgres import (
    NoPostgresError,
    Programs,
    RunningServer,
    crashable_server,
    find_programs,
    running_server,
)

__all__ = [
    "NoPostgresError",
    "Programs",
    "RunningServer",
    "crashable_server",
    "find_programs",
    "running_server",
]
