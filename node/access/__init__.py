"""Who asks, and what was asked: access, and the query log that says so."""
