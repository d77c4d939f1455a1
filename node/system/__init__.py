"""The machine below: clock, disk, randomness, threads, jobs, logging."""
