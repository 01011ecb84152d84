"""A small OpenAI-compatible server of our own that replays answers and faults over real HTTP."""

from tests.model_server.script import Reply, read_script, replies
from tests.model_server.server import ModelServer, Received

__all__ = ["ModelServer", "Received", "Reply", "read_script", "replies"]
