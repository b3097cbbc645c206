"""A game that is played ahead on copies of its state made with copy.deepcopy."""

from __future__ import annotations

import copy

GROUP = "ordinary"
ARGS = (340,)


class Item:
    def __init__(self, name, weight):
        self.name = name
        self.weight = weight

    def __deepcopy__(self, memo):
        return self  # items never change


class Player:
    def __init__(self, name, place):
        self.name = name
        self.place = place
        self.bag = []
        self.friend = None
        self.visited = {place: 1}

    def load(self):
        return sum(item.weight for item in self.bag)


class World:
    def __init__(self, size):
        self.size = size
        self.grid = [["." if (x * 5 + y * 3) % 7 else "#" for x in range(size)] for y in range(size)]
        self.items = {}
        for i in range(size * 2):
            self.items.setdefault(((i * 3) % size, (i * 5) % size), []).append(Item(f"item {i}", i % 6 + 1))
        self.players = [Player("ann", (0, 1)), Player("bob", (size - 1, 2))]
        self.players[0].friend, self.players[1].friend = self.players[1], self.players[0]
        self.turn = 0

    def moves(self):
        x, y = self.players[self.turn % 2].place
        for name, dx, dy in (("east", 1, 0), ("south", 0, 1), ("west", -1, 0), ("north", 0, -1)):
            if self.grid[(y + dy) % self.size][(x + dx) % self.size] != "#":
                yield name, ((x + dx) % self.size, (y + dy) % self.size)

    def play(self, place):
        player = self.players[self.turn % 2]
        player.place = place
        player.visited[place] = player.visited.get(place, 0) + 1
        found = self.items.get(place)
        if found and player.load() < 20:
            player.bag.append(found.pop())
        if player.place == player.friend.place and player.bag:
            player.friend.bag.append(player.bag.pop(0))
        self.turn += 1

    def value(self, who):
        player = self.players[who]
        return player.load() * 3 + len(player.visited) - max(player.visited.values()) - player.friend.load()


def best_move(world):
    who = world.turn % 2
    best = None
    for name, place in world.moves():
        ahead = copy.deepcopy(world)
        ahead.play(place)
        ahead.turn += 1
        values = []
        for _, second in ahead.moves():
            further = copy.copy(ahead)
            further.players = copy.deepcopy(ahead.players)
            further.items = {place: list(items) for place, items in ahead.items.items()}
            further.play(second)
            values.append(further.value(who))
        value = max(values, default=ahead.value(who))
        if best is None or value > best[0]:
            best = value, name, place
    return best


def run(turns):
    world = World(14)
    log = []
    for _ in range(turns):
        value, name, place = best_move(world)
        world.play(place)
        log.append(f"{name[0]}{value}")
    return (
        " ".join(log[-20:]),
        [(player.name, player.place, player.load(), len(player.visited)) for player in world.players],
        sum(map(len, world.items.values())),
    )
