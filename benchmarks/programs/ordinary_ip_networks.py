"""Addresses and networks with ipaddress: a routing table, an access list, free ranges."""

from __future__ import annotations

import ipaddress

GROUP = "ordinary"
ARGS = (260_000,)

ROUTES = (
    ("0.0.0.0/0", "uplink"),
    ("10.0.0.0/8", "core"),
    ("10.1.0.0/16", "east"),
    ("10.1.128.0/17", "east-2"),
    ("10.2.0.0/15", "west"),
    ("10.2.7.0/24", "laboratory"),
    ("192.168.0.0/16", "office"),
    ("192.168.3.64/26", "printers"),
    ("2001:db8::/32", "six"),
    ("2001:db8:7::/48", "six-lab"),
)


class RoutingTable:
    def __init__(self):
        self.by_length = {}
        self.lookups = 0

    def add(self, network, name):
        network = ipaddress.ip_network(network)
        lengths = self.by_length.setdefault(network.version, {})
        lengths.setdefault(network.prefixlen, {})[network] = name

    def find(self, address):
        self.lookups += 1
        lengths = self.by_length[address.version]
        for length in sorted(lengths, reverse=True):
            for network, name in lengths[length].items():
                if address in network:
                    return name
        raise LookupError(f"no route to {address}")


def addresses(count):
    for i in range(count):
        kind = i % 6
        if kind == 0:
            yield f"10.{i % 5}.{i * 7 % 256}.{i % 256}"
        elif kind == 1:
            yield f"192.168.{i % 8}.{i * 3 % 256}"
        elif kind == 2:
            yield f"2001:db8:{i % 9:x}::{i:x}"
        elif kind == 3:
            yield f"10.2.7.{i % 300}"
        elif kind == 4:
            yield f"fe80::{i % 4}"
        else:
            yield f"8.8.{i % 4}.{i % 250}"


def free_ranges(network, used):
    left = [ipaddress.ip_network(network)]
    for text in used:
        taken = ipaddress.ip_network(text)
        remaining = []
        for block in left:
            if taken.subnet_of(block):
                remaining.extend(block.address_exclude(taken))
            else:
                remaining.append(block)
        left = remaining
    return [str(block) for block in sorted(left)]


def run(count):
    table = RoutingTable()
    for network, name in ROUTES:
        table.add(network, name)
    hits = {}
    problems = {}
    for text in addresses(count):
        try:
            name = table.find(ipaddress.ip_address(text))
        except ValueError:
            name = "malformed"
        except LookupError as problem:
            problems[str(problem)] = problems.get(str(problem), 0) + 1
            continue
        hits[name] = hits.get(name, 0) + 1
    free = free_ranges("10.1.0.0/16", [f"10.1.{i * 5}.0/26" for i in range(50)])
    joined = [str(net) for net in ipaddress.collapse_addresses(map(ipaddress.ip_network, free[10:40] + free[20:60]))]
    return sorted(hits.items()), sorted(problems.items()), table.lookups, len(free), joined[:4], free[-1]
