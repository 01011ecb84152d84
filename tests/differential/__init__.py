"""Runs statements of all kinds against real engines: what changes anything must be refused, honest reads must not be.

`python -m tests.differential` runs the long form of the generated statements on every engine that is here;
`python -m tests.differential FOLDER` runs the PostgreSQL regression suite whose `sql` folder this is.
"""
