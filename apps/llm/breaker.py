"""A circuit breaker for each provider and key, one for all processes: its state is in Redis, and changes there at once.

Closed, calls go. After `failures` failed calls in a row, or one with a wrong key, it is open: no call goes for
`open_seconds`. Then one call at a time goes as a probe, one for each such stretch; the first that works closes it.
docs/decisions/0243 says why this is not pybreaker. No Django here.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from math import ceil

from redis import Redis
from redis.commands.core import Script

from apps.llm.errors import ModelCircuitOpen
from apps.llm.gate import Admission, Verdict

KEPT_SECONDS = 3_600  # without any call, what was counted is forgotten
PREFIX = "parley:circuit:"
NOW = "local time = redis.call('TIME')\nlocal now = time[1] * 1000 + math.floor(time[2] / 1000)\n"

ADMIT = f"""
local open_until = redis.call('HGET', KEYS[1], 'open_until')
if not open_until then return {{0, 0}} end
{NOW}
if now < tonumber(open_until) then return {{1, tonumber(open_until) - now}} end
redis.call('HSET', KEYS[1], 'open_until', now + ARGV[1], 'is_probed', 1)
redis.call('EXPIRE', KEYS[1], ARGV[2])
return {{2, 0}}
"""
WORKED = """
if redis.call('HEXISTS', KEYS[1], 'open_until') == 1 and ARGV[1] == '0' then return 0 end
local was_open = redis.call('HEXISTS', KEYS[1], 'open_until')
redis.call('DEL', KEYS[1])
return was_open
"""
FAILED = f"""
local was_open = redis.call('HEXISTS', KEYS[1], 'open_until') == 1
if was_open and ARGV[1] == '0' then return 0 end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
if not was_open and failures < tonumber(ARGV[2]) then return 0 end
{NOW}
redis.call('HSET', KEYS[1], 'open_until', now + ARGV[3])
redis.call('HDEL', KEYS[1], 'is_probed')
return was_open and 0 or 1
"""
STATE = f"""
{NOW}
local kept = redis.call('HMGET', KEYS[1], 'failures', 'open_until', 'is_probed')
return {{tonumber(kept[1] or '0'), kept[2] and (tonumber(kept[2]) - now) or -1, kept[2] and 1 or 0, kept[3] and 1 or 0}}
"""


class Circuit(StrEnum):
    """How a circuit stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class CircuitState:
    """A circuit, the failures in a row that it counted, and for how long it stays open."""

    circuit: Circuit
    failures: int = 0
    seconds_left: int = 0


@dataclass(frozen=True)
class Breaker:
    """Circuits by name. Every method raises redis.RedisError where Redis is away: the caller decides what then."""

    redis: Redis
    failures: int = 5
    open_seconds: float = 60

    def admit(self, name: str) -> Admission:
        """Let a call begin. Raises ModelCircuitOpen."""
        code, left_ms = self._admit(keys=[PREFIX + name], args=[self._open_ms, KEPT_SECONDS])
        if code == 1:
            seconds = max(1, ceil(left_ms / 1000))
            raise ModelCircuitOpen(
                f"The model's provider did not work just now; it is tried again in {seconds} s.",
                retry_after_seconds=seconds,
            )
        return Admission(is_probe=code == 2)

    def report(self, name: str, admission: Admission, verdict: Verdict) -> Circuit | None:
        """Count how a call ended; the state that the circuit went over to, None where it stays as it is."""
        is_probe = int(admission.is_probe)
        if verdict is Verdict.WORKS:
            return Circuit.CLOSED if self._worked(keys=[PREFIX + name], args=[is_probe]) else None
        most = 1 if verdict is Verdict.LOCKED_OUT else self.failures
        args = [is_probe, most, self._open_ms, KEPT_SECONDS]
        return Circuit.OPEN if self._failed(keys=[PREFIX + name], args=args) else None

    def state(self, name: str) -> CircuitState:
        failures, left_ms, is_open, is_probed = self._state(keys=[PREFIX + name])
        if not is_open:
            return CircuitState(Circuit.CLOSED, failures)
        is_half = bool(is_probed) or left_ms <= 0
        return CircuitState(Circuit.HALF_OPEN if is_half else Circuit.OPEN, failures, max(0, ceil(left_ms / 1000)))

    @property
    def _open_ms(self) -> int:
        return round(self.open_seconds * 1000)

    @cached_property
    def _admit(self) -> Script:
        return self.redis.register_script(ADMIT)

    @cached_property
    def _worked(self) -> Script:
        return self.redis.register_script(WORKED)

    @cached_property
    def _failed(self) -> Script:
        return self.redis.register_script(FAILED)

    @cached_property
    def _state(self) -> Script:
        return self.redis.register_script(STATE)
