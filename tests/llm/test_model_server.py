"""The replay server can be started by hand, and says what it received."""

import json
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.model_server import replies

ROOT = Path(__file__).resolve().parents[2]


def test_it_serves_a_script_from_a_file(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"content": "first"}, {"content": "second"}, {"when": "sesame", "content": "open"}]))
    command = [sys.executable, "-m", "tests.model_server", "--port", "0", str(script)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = re.fullmatch(r"MODEL_BASE_URL=(http://127\.0\.0\.1:\d+/v1)\n", server.stdout.readline())
            assert url is not None
            said = [_ask(url.group(1), words) for words in ("a", "b", "sesame", "c")]
            assert said == ["first", "second", "open", "second"]
            printed = json.loads(server.stdout.readline())
            assert printed["body"]["messages"][0]["content"] == "a"
            assert printed["headers"]["content-type"] == "application/json"
        finally:
            server.terminate()


def _ask(url: str, words: str) -> str:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": words}]}).encode()
    request = urllib.request.Request(f"{url}/chat/completions", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as response:
        return str(json.load(response)["choices"][0]["message"]["content"])


def test_a_misspelt_field_of_a_script_is_an_error() -> None:
    with pytest.raises(TypeError, match="contents"):
        replies([{"contents": "hello"}])
