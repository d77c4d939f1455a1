"""Rules of recognition 互认: scenarios in force, what regions say of them, who may benefit."""
