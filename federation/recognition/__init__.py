"""Recognition of benefit scenarios 互认: what a scenario asks of a subject."""
