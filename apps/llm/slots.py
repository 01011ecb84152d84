"""How many exchanges may be under way at once, over all processes: slots in Redis that expire, waited for in turn.

A slot is a lease: whoever was killed with one gives it back when its time is over. No Django here.
"""

import time
import uuid
from dataclasses import dataclass
from functools import cached_property

from redis import Redis
from redis.commands.core import Script

from apps.llm.breaker import NOW
from apps.llm.errors import NoSlot

PREFIX = "parley:slots:"
FIRST_PAUSE_SECONDS = 0.02
PAUSE_BY_RANK = 0.01  # who has many before it looks less often
LONGEST_PAUSE_SECONDS = 1.0
SEEN_SECONDS = 5  # a waiter that did not look for so long is gone
KEPT_SECONDS = 3_600
RETRY_SECONDS = 5

TAKE = f"""
{NOW}
local taken, queue, seen, number = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
redis.call('ZREMRANGEBYSCORE', taken, '-inf', now)
redis.call('ZADD', seen, now + ARGV[4], ARGV[1])
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', seen, '-inf', now)) do
    redis.call('ZREM', queue, gone)
    redis.call('ZREM', seen, gone)
end
if not redis.call('ZSCORE', queue, ARGV[1]) then
    redis.call('ZADD', queue, redis.call('INCR', number), ARGV[1])
end
local rank = redis.call('ZRANK', queue, ARGV[1])
local is_free = rank < tonumber(ARGV[2]) - redis.call('ZCARD', taken)
if is_free then
    redis.call('ZREM', queue, ARGV[1])
    redis.call('ZREM', seen, ARGV[1])
    redis.call('ZADD', taken, now + ARGV[3], ARGV[1])
end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, ARGV[5]) end
return {{is_free and 1 or 0, rank}}
"""


@dataclass(frozen=True)
class Slots:
    """Slots by the name of what they are of."""

    redis: Redis

    def take(self, name: str, *, most: int, wait_seconds: float, hold_seconds: float) -> str:
        """Take one of `most` slots, in turn with all who wait; the token with which to leave it.

        Raises: NoSlot where none came free in time, RedisError where Redis is away.
        """
        token = uuid.uuid4().hex
        try:
            self._wait(name, token, most, time.monotonic() + wait_seconds, round(hold_seconds * 1000))
        except NoSlot:
            self.leave(name, token)
            raise
        return token

    def leave(self, name: str, token: str) -> None:
        """Give the slot back, or the place in the queue. Raises RedisError; then its time runs out."""
        pipe = self.redis.pipeline(transaction=False)
        for key in _keys(name)[:3]:
            pipe.zrem(key, token)
        pipe.execute()

    def in_use(self, name: str) -> int:
        """How many are held now."""
        return int(self.redis.zcount(_keys(name)[0], time.time() * 1000, "inf"))

    def _wait(self, name: str, token: str, most: int, until: float, hold_ms: int) -> None:
        while True:
            args: list[str | int] = [token, most, hold_ms, SEEN_SECONDS * 1000, KEPT_SECONDS]
            is_mine, rank = self._take(keys=_keys(name), args=args)
            if is_mine:
                return
            left = until - time.monotonic()
            if left <= 0:
                raise NoSlot(
                    "As many calls to the model are under way as there may be.", retry_after_seconds=RETRY_SECONDS
                )
            time.sleep(min(left, LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS + PAUSE_BY_RANK * rank))

    @cached_property
    def _take(self) -> Script:
        return self.redis.register_script(TAKE)


def _keys(name: str) -> list[str]:
    return [f"{PREFIX}{name}:{part}" for part in ("taken", "queue", "seen", "number")]
