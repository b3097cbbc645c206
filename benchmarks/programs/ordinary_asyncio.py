"""Tasks of an asyncio program that play ping-pong over queues, share a lock and count their messages."""

from __future__ import annotations

import asyncio

GROUP = "ordinary"
ARGS = (68, 2_600)


class Table:
    """Where the players meet; keeps the score."""

    def __init__(self):
        self.lock = asyncio.Lock()
        self.score = {}
        self.log = []

    async def point(self, name, rally):
        async with self.lock:
            self.score[name] = self.score.get(name, 0) + 1
            if self.score[name] % 50 == 0:
                self.log.append(f"{name}: {self.score[name]} ({rally})")


async def player(name, inbox, outbox, table, skill):
    while True:
        ball = await inbox.get()
        if ball is None:
            await outbox.put(None)
            return name
        rally, strength = ball
        strength = (strength * 31 + skill + rally) % 101
        if strength < skill:
            await table.point(name, rally)
            rally = 0
        await outbox.put((rally + 1, strength))


async def referee(source, target, limit):
    passed = 0
    while (ball := await source.get()) is not None:
        passed += 1
        await target.put(ball if passed < limit else None)
        if passed == limit:
            break
    return passed


async def game(number, serves, table):
    first, second, third = asyncio.Queue(), asyncio.Queue(1), asyncio.Queue(1)
    names = f"left {number}", f"right {number}"
    left = asyncio.create_task(player(names[0], first, second, table, number % 7 + 3))
    right = asyncio.create_task(player(names[1], second, third, table, number % 5 + 4))
    await first.put((0, number))
    return await asyncio.gather(referee(third, first, serves), left, right)


async def ticker(table, ticks):
    counts = []
    try:
        while True:
            await asyncio.sleep(0)
            ticks += 1
            if ticks % 1000 == 0:
                counts.append(sum(table.score.values()))
    except asyncio.CancelledError:
        return len(counts) > 0


async def play(games, serves):
    table = Table()
    clock = asyncio.create_task(ticker(table, 0))
    results = await asyncio.gather(*(game(number, serves, table) for number in range(games)))
    clock.cancel()
    ticked = await clock
    return results[-1], sum(result[0] for result in results), sorted(table.score.items()), sorted(table.log)[:9], ticked


def run(games, serves):
    return asyncio.run(play(games, serves))
