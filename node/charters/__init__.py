"""Charters 章程 as the node holds them: the versions, who is a peer, which keys count."""
