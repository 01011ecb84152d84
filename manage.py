#!/usr/bin/env python
"""The platform's commands: `python manage.py help`."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.setdefault("LOG_LEVEL", "WARNING")  # a person reads a command's output; the processes log at INFO
    from django.core.management import execute_from_command_line

    if os.environ["DJANGO_SETTINGS_MODULE"] in ("config.settings.local", "config.settings.test"):
        from config.embedded import ensure_services_for

        ensure_services_for(sys.argv)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
