"""A conversation that outlives everything it runs on."""
