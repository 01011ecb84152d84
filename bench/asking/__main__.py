"""`python -m bench.asking`: prints what is asked back about forty questions on the sample, and what each choice brings.

The sample is loaded into a database of its own on the embedded server, once.
"""

import os

import django

from config.embedded import admin_url, ensure_services_for

DATABASE = "parley_asking"


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    ensure_services_for(["manage.py", "bench"])
    django.setup()
    from apps.datasources.sample import load_postgres
    from apps.queries.evaluation.postgres_source import PostgresSource

    from .answers import ask
    from .questions import read_questions
    from .report import figures, table

    load_postgres(admin_url(), database=DATABASE, reader=f"{DATABASE}_reader", reader_password=DATABASE)
    source = PostgresSource(admin_url(), DATABASE)
    questions, today = read_questions()
    try:
        outcomes = [ask(question, source, today) for question in questions]
    finally:
        source.close()
    print("\n".join([*table(outcomes), "", *figures(outcomes)]))


if __name__ == "__main__":
    main()
