"""`huxin charter`: a charter written, changed, signed, adopted and shown."""
