"""Our own log and the copies of others: the one writer, what was signed, start and recovery."""
