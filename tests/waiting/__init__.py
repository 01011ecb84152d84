"""Many questions that wait for a model at once."""
