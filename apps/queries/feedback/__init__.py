"""What people say of answers, and what becomes of it: a queue for reviewers, corrections, rates."""
