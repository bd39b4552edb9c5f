"""Readers of published crosswalks, one module for each publication."""
