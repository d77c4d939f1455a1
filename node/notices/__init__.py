"""Listings of other cities about subjects registered here: 属地通报, 失信提醒."""
