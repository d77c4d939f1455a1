"""`huxin demo`: two alliances on this machine, six cities and a province's hub, as real processes.

The demo is a client of its nodes like any other: it makes their directories, starts `huxin serve`
on each, and speaks to their Unix sockets.
"""
