"""Rules of screening 核查: who may ask, what is answered, what is told of it."""
