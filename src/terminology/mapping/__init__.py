"""Published maps as answers: what became of a code, and what it is in another system."""
