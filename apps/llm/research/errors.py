"""What can go wrong with a search service. Messages hold no key, no address and no word of the service.

No Django here.
"""

from apps.common.errors import AppError


class ResearchError(AppError):
    """The web could not be searched."""

    code = "research_failed"
    status = 502


class ResearchOff(ResearchError):
    """This installation searches no web."""

    code = "research_off"
    status = 400


class ResearchUnavailable(ResearchError):
    """The service cannot be reached, hangs up, or has a fault."""

    code = "research_unavailable"
    status = 503


class ResearchBusy(ResearchError):
    """The service takes no more searches for now; `retry_after_seconds` is what it asked for."""

    code = "research_busy"
    status = 503


class ResearchTimeout(ResearchError):
    """No answer came in the time there was."""

    code = "research_timeout"
    status = 504


class ResearchRefused(ResearchError):
    """The service does not accept the search: a wrong key, a used-up plan, JSON that is switched off."""

    code = "research_refused"


class ResearchUnusable(ResearchError):
    """An answer came that is none of a search service, or too long."""

    code = "research_unusable"
