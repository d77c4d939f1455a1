"""Records 记录 as they stand: found, shown with their proofs, exported."""
