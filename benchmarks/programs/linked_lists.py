"""A queue of linked nodes that is turned round and walked through."""

from __future__ import annotations

GROUP = "objects"
ARGS = (2_000, 300)


class Node:
    __slots__ = ("value", "next")

    def __init__(self, value, following):
        self.value = value
        self.next = following


def run(count, rounds):
    head = None
    for i in range(count):
        head = Node(i * 7 % 1001, head)
    total = 0
    for _ in range(rounds):
        turned = None
        while head is not None:
            following = head.next
            head.next = turned
            turned = head
            head = following
        head = turned
        place = 0
        node = head
        while node is not None:
            total += node.value * (place & 3)
            place += 1
            node = node.next
    return total
