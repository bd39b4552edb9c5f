"""Readers of published crosswalks. None yet: they come with mapping."""
