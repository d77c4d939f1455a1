"""Catalogs and base libraries, as files: ports of `federation.reconcile`."""
