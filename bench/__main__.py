"""`python -m bench [--short]`: runs every benchmark and prints one line a figure."""

import argparse
import os

import django

from config.embedded import ensure_services_for


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="few repetitions, for a quick look")
    short = parser.parse_args().short
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    ensure_services_for(["manage.py", "bench"])
    django.setup()
    from bench import guard, journey

    for benchmark in (guard, journey):
        print(f"\n{benchmark.__doc__.splitlines()[0]}")
        for figure in benchmark.run(short=short):
            print(f"  {figure}")


if __name__ == "__main__":
    main()
