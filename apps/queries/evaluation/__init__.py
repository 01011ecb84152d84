"""Measures an engine on questions whose right answer is known."""
