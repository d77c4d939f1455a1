"""`huxin quality`: figures, labels and the report of a month."""
