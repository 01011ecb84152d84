"""What is on record about a query, read and used again: traces, dossiers, replays, prompts."""
