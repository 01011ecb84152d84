"""Where a model may be: the operator's word opens private addresses, and nothing opens a machine's own keys."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from apps.common.endpoints import check_endpoint
from apps.llm.registry_file import RegistryBroken, read_models
from config.environment import Environment

GOOD = [
    "https://api.models.example/v1", "http://127.0.0.1:11434/v1", "http://models.internal/v1", "http://10.1.2.3/v1",
    "http://[::1]:8080/v1", "https://1.1.1.1/v1", "http://model",
]  # fmt: skip
BAD = [
    "ftp://models.example", "file:///etc/passwd", "gopher://models.example", "models.example/v1", "https://",
    "https://user:password@models.example", "https://models.example/v1?key=x", "https://models.example/#x",
    "http://169.254.169.254/latest", "https://169.254.169.254", "http://[fe80::1]/v1", "http://[::ffff:169.254.169.254]/",
    "http://metadata.google.internal/v1", "http://0.0.0.0/v1", "http://[::]/v1", "http://224.0.0.1/", "http://1.1.1.1/v1",
    "http://2852039166/v1", "http://0xA9FEA9FE/", "http://169.254.43518/", "http://\u2460\u2465\u2468.254.169.254/",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_an_operators_endpoint_may_be_anywhere_that_makes_sense(url: str) -> None:
    assert check_endpoint(url) == url
    assert Environment(model_base_url=url).model_base_url == url


@pytest.mark.parametrize("url", BAD)
def test_what_no_operator_means_ends_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="model_base_url"):
        Environment(model_base_url=url)
    file = tmp_path / "models.toml"
    file.write_text(f'[[models]]\nkey = "a"\nbase_url = "{url}"\n')
    with pytest.raises(RegistryBroken, match="base_url"):
        read_models(file)
