"""Does a model answer at all?"""

from collections.abc import Callable

import pytest

from apps.llm.errors import ModelAnswerUnusable, ModelRefused, ModelUnavailable
from apps.llm.self_test import reach
from apps.llm.spec import ModelSpec
from tests.model_server import ModelServer

Serve = Callable[..., ModelServer]
ModelAt = Callable[[str], ModelSpec]


def test_a_model_that_answers_is_reached_with_one_call(serve: Serve, model_at: ModelAt) -> None:
    server = serve({"content": "ok"})
    assert reach(model_at(server.url)).startswith("small answered in ")
    assert len(server.received) == 1


def test_a_wrong_key_is_told(serve: Serve, model_at: ModelAt) -> None:
    with pytest.raises(ModelRefused, match="does not accept the key"):
        reach(model_at(serve({"status": 401}).url))


def test_a_dead_port_is_told_without_retries(dead_url: str, model_at: ModelAt) -> None:
    with pytest.raises(ModelUnavailable):
        reach(model_at(dead_url))


def test_silence_is_no_answer(serve: Serve, model_at: ModelAt) -> None:
    with pytest.raises(ModelAnswerUnusable):
        reach(model_at(serve({"content": " "}).url))
