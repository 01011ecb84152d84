"""How many exchanges may be under way at once, over all processes: slots in Redis, waited for in turn.

A slot is a lease: it is renewed as long as its process lives, and whoever was killed with one gives it back when that
time is over. No Django here.
"""

import time
import uuid
from dataclasses import dataclass, field
from functools import cached_property

import structlog
from redis import Redis, RedisError
from redis.commands.core import Script

from apps.common.keeping import Keeping
from apps.llm.breaker import NOW
from apps.llm.errors import NoSlot

log = structlog.get_logger(__name__)
PREFIX = "parley:slots:"
FIRST_PAUSE_SECONDS = 0.02
PAUSE_BY_RANK = 0.01  # who has many before it looks less often
LONGEST_PAUSE_SECONDS = 1.0
LEASE_SECONDS = 15
RENEWAL_SECONDS = 4.0
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

RENEW = f"""
{NOW}
for at = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', now + ARGV[1], ARGV[at]) end
"""


@dataclass(frozen=True)
class Slot:
    """A slot that this process holds, or a place in the queue for one."""

    redis: Redis
    name: str
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    def drop(self) -> None:
        pipe = self.redis.pipeline(transaction=False)
        for key in _keys(self.name)[:3]:
            pipe.zrem(key, self.token)
        pipe.execute()


def renew(slots: list[Slot]) -> None:
    """Hold them for another while; one that was given up for lost stays lost, its call goes on."""
    for name in {slot.name for slot in slots}:
        of_name = [slot for slot in slots if slot.name == name]
        args: list[str | int] = [LEASE_SECONDS * 1000, *(slot.token for slot in of_name)]
        try:
            of_name[0].redis.eval(RENEW, 1, _keys(name)[0], *args)
        except RedisError as error:
            log.warning("slots_not_renewed", error=type(error).__name__)


@dataclass(frozen=True)
class Slots:
    """Slots by the name of what they are of."""

    redis: Redis

    def take(self, name: str, *, most: int, wait_seconds: float) -> Slot:
        """Take one of `most` slots, in turn with all who wait.

        Raises: NoSlot where none came free in time, RedisError where Redis is away.
        """
        slot = Slot(self.redis, name)
        try:
            self._wait(slot, most, time.monotonic() + wait_seconds)
        except NoSlot:
            slot.drop()
            raise
        KEEPER.hold(slot)
        return slot

    def leave(self, slot: Slot) -> None:
        """Give the slot back. Raises RedisError; then its time runs out."""
        KEEPER.let_go(slot)
        slot.drop()

    def _wait(self, slot: Slot, most: int, until: float) -> None:
        while True:
            args: list[str | int] = [slot.token, most, LEASE_SECONDS * 1000, SEEN_SECONDS * 1000, KEPT_SECONDS]
            is_mine, rank = self._take(keys=_keys(slot.name), args=args)
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


KEEPER: Keeping[Slot] = Keeping("slots", lambda: RENEWAL_SECONDS, renew)


def give_back_all() -> None:
    """Give back every slot of this process, which ends. Raises RedisError; then their time runs out."""
    for slot in KEEPER.all_held():
        slot.drop()
