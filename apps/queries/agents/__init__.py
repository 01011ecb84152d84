"""What a model does beside writing SQL: it plans, proposes charts, reads the web and puts answers into words.

Each agent asks for a typed answer and has a way on without one: an agent never costs the answer.
"""
