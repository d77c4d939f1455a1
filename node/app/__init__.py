"""The node put together: its parts wired, its jobs, its servers, its life from start to stop."""
