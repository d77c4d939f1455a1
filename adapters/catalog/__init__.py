"""Catalogs and base libraries, as files: the ports of `federation.catalog` and `.identity`."""
