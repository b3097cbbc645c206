"""Shortest ways through a city kept as nested dictionaries, by Dijkstra's algorithm and with detours."""

from __future__ import annotations

import heapq

GROUP = "ordinary"
ARGS = (34, 600)


def make_city(size):
    city = {}
    for y in range(size):
        for x in range(size):
            here = f"{x}/{y}"
            for dx, dy in ((1, 0), (0, 1), (2, 1)):
                there = f"{(x + dx) % size}/{(y + dy) % size}"
                length = (x * 7 + y * 13 + dx * 3 + dy * 5) % 11 + 1
                city.setdefault(here, {})[there] = length
                city.setdefault(there, {})[here] = length + (x + y) % 3
    return city


def setup(size, trips):
    return make_city(size), trips


class NoWay(Exception):
    pass


def shortest(city, start, goal, closed=frozenset()):
    best = {start: 0}
    came_from = {}
    todo = [(0, start)]
    done = set()
    while todo:
        length, here = heapq.heappop(todo)
        if here in done:
            continue
        if here == goal:
            way = [goal]
            while way[-1] != start:
                way.append(came_from[way[-1]])
            return length, way[::-1]
        done.add(here)
        for there, step in city[here].items():
            if there in closed:
                continue
            through = length + step
            if there not in best or through < best[there]:
                best[there] = through
                came_from[there] = here
                heapq.heappush(todo, (through, there))
    raise NoWay(f"from {start} to {goal}")


def detours(city, way, limit):
    found = []
    for place in way[1:-1][:limit]:
        length, _ = shortest(city, way[0], way[-1], {place})
        found.append((length, place))
    return sorted(found)


def run(city, trips):
    places = sorted(city)
    total = 0
    busy = {}
    no_way = 0
    worst = (0, "")
    for trip in range(trips):
        start = places[trip * 97 % len(places)]
        goal = places[(trip * 389 + 5) % len(places)]
        closed = set(city[goal]) if trip % 10 == 9 else set()
        try:
            length, way = shortest(city, start, goal, closed)
        except NoWay:
            no_way += 1
            continue
        total += length
        for place in way:
            busy[place] = busy.get(place, 0) + 1
        for longer, place in detours(city, way, 2):
            worst = max(worst, (longer - length, place))
    busiest = sorted(busy.items(), key=lambda item: (-item[1], item[0]))[:5]
    return total, busiest, no_way, worst
