"""What members say to each other: frames, witnesses, packets, sealed openings."""
