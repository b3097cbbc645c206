"""Sets as bits of big integers: queens, reachability, prime gaps, Gray codes and a small error-correcting code."""

from __future__ import annotations

GROUP = "ordinary"
ARGS = (11, 1_800, 420_000)


def bits(value):
    while value:
        low = value & -value
        yield low.bit_length() - 1
        value ^= low


def queens(size):
    full = (1 << size) - 1

    def place(columns, left, right):
        if columns == full:
            return 1
        count = 0
        free = full & ~(columns | left | right)
        for column in bits(free):
            bit = 1 << column
            count += place(columns | bit, (left | bit) << 1 & full, (right | bit) >> 1)
        return count

    return place(0, 0, 0)


def reachable(size):
    """For each node of a graph the nodes that can be reached, after Warshall, a row being one integer."""
    rows = [1 << (i * 7 + 3) % size | 1 << i * i % size for i in range(size)]
    for k in range(size):
        mask = 1 << k
        for i in range(size):
            if rows[i] & mask:
                rows[i] |= rows[k]
    return [bin(row).count("1") for row in rows]


def primes(limit):
    sieve = (1 << limit) - 4
    for n in range(2, int(limit**0.5) + 1):
        if sieve >> n & 1:
            strike = sum(1 << m for m in range(n * n, limit, n))
            sieve &= ~strike
    return list(bits(sieve))


def gray(count):
    codes = [i ^ i >> 1 for i in range(count)]
    changes = {}
    for one, other in zip(codes, codes[1:]):
        place = (one ^ other).bit_length()
        changes[place] = changes.get(place, 0) + 1
    return sorted(changes.items())


def hamming_encode(value):
    d = [value >> i & 1 for i in range(4)]
    code = [d[0] ^ d[1] ^ d[3], d[0] ^ d[2] ^ d[3], d[0], d[1] ^ d[2] ^ d[3], d[1], d[2], d[3]]
    return sum(bit << i for i, bit in enumerate(code))


def hamming_decode(code):
    wrong = 0
    for i in range(7):
        if code >> i & 1:
            wrong ^= i + 1
    if wrong:
        code ^= 1 << wrong - 1
    return code >> 2 & 1 | (code >> 4 & 7) << 1, wrong


def messages(count):
    repaired = 0
    for i in range(count):
        value = i * 11 % 16
        code = hamming_encode(value)
        if i % 3:
            code ^= 1 << i % 7
        decoded, wrong = hamming_decode(code)
        if decoded != value:
            raise AssertionError(i)
        repaired += wrong > 0
    return repaired


def run(size, nodes, limit):
    counts = [queens(n) for n in range(4, size)]
    reach = reachable(nodes)
    found = primes(limit // 4)
    gaps = [later - earlier for earlier, later in zip(found, found[1:])]
    return counts, max(reach), sum(reach), len(found), max(gaps), gray(limit), messages(limit), 3**nodes % (1 << 100)
