"""Asking back, on its way to people and from them: opening, hearing, analysing, learning; routes, pages and figures."""
