"""Days as people write them."""

import datetime as dt

from django.utils import timezone


def day_in_words(moment: dt.datetime) -> str:
    """ "21 November 2026", in the time zone in force."""
    day = timezone.localdate(moment)
    return f"{day.day} {day:%B %Y}"
