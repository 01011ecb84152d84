"""What the caller is told about a sample, and what goes wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.common.errors import Conflict


class NotTheSample(Conflict):
    """Something else stands where the sample should go; we do not overwrite what we did not write."""

    code = "not_the_sample"


class SampleDiffers(RuntimeError):
    """The generator brought forth other rows than recorded: a bug here, never the caller's fault."""


@dataclass(frozen=True, slots=True)
class LoadedSample:
    """`counts` by table; `seconds` the call took; `already_there` where nothing needed to be written."""

    version: str
    counts: Mapping[str, int]
    seconds: float
    already_there: bool

    @property
    def row_count(self) -> int:
        return sum(self.counts.values())
