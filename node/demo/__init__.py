"""`huxin demo`: four cities and their province's hub on this machine, as real processes.

The demo is a client of its nodes like any other: it makes their directories, starts `huxin serve`
on each, and speaks to their Unix sockets.
"""
