"""What people and organizations remember: conversations, what was asked in them, and for how long."""
