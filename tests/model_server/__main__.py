"""`python -m tests.model_server --port N script.json`: replay a script by hand; each request is printed as a line."""

import argparse
from pathlib import Path

from tests.model_server import ModelServer, read_script


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model_server", description=__doc__)
    parser.add_argument("script", type=Path, help="a JSON list of replies; see tests/model_server/script.py")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    options = parser.parse_args()
    server = ModelServer(read_script(options.script), port=options.port, echo=True)
    print(f"MODEL_BASE_URL={server.url}", flush=True)  # noqa: T201
    try:
        server.serve()
    except KeyboardInterrupt:
        server.ended.set()


if __name__ == "__main__":
    main()
