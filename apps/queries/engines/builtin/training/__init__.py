"""Learns the engine's weights from questions with known SQL. Not needed to answer questions."""
