"""The city's platform as a database: tables for exchange (前置机), and what waits for them."""
