"""Words of persons 具名签署: who may sign what, and whether a word counts."""
