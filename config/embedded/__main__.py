"""The embedded services by hand: `python -m config.embedded start|stop|remove|status|env`.

`run` runs the whole platform, `with COMMAND...` one command; both stop the services afterwards if they started them.
"""

import argparse
import dataclasses
import shlex
import sys

from config.embedded.errors import EmbeddedServiceError
from config.embedded.processes import run_platform, run_with_services
from config.embedded.services import addresses, ensure_running, remove, status, stop


def main() -> int:
    """Run one action; return the exit code: 1 when something failed, or when `status` finds a service down."""
    parser = argparse.ArgumentParser(prog="python -m config.embedded", description=__doc__)
    parser.add_argument("action", choices=[*_ACTIONS, "with"])
    parser.add_argument("command", nargs=argparse.REMAINDER, help="for `with`: what to run, and its arguments")
    arguments = parser.parse_args()
    try:
        if arguments.action == "with":
            return run_with_services(arguments.command)
        return _ACTIONS[arguments.action]()
    except EmbeddedServiceError as error:
        print(error, file=sys.stderr)
        return 1


def _start() -> int:
    print("started" if ensure_running() else "already running")
    return 0


def _stop() -> int:
    stop()
    print("stopped")
    return 0


def _remove() -> int:
    remove()
    print("removed")
    return 0


def _status() -> int:
    found = dataclasses.asdict(status())
    for name, pid in found.items():
        print(f"{name.removesuffix('_pid')}: {f'running, process {pid}' if pid else 'not running'}")
    return 0 if all(found.values()) else 1


def _env() -> int:
    """Print the addresses as a shell's variables."""
    here = addresses()
    print(f"export DATABASE_URL={shlex.quote(here.database_url)}")
    print(f"export DATABASE_OWNER_URL={shlex.quote(here.owner_database_url)}")
    print(f"export REDIS_URL={shlex.quote(here.redis_url)}")
    return 0


_ACTIONS = {"start": _start, "stop": _stop, "remove": _remove, "status": _status, "env": _env, "run": run_platform}

if __name__ == "__main__":
    sys.exit(main())
