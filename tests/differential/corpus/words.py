"""Ints of 64 bits without a sign, and of any size of which masks leave some bits: hashes, generators, bit boards."""

from __future__ import annotations

from ..cases import case

MASK = 0xFFFFFFFFFFFFFFFF
MASK32 = 0xFFFFFFFF
MODULUS = 2**64


def fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h ^= byte
        h = (h * 0x100000001B3) & MASK
    return h


def hot_fnv(data):
    h = 0xCBF29CE484222325
    for byte in data:  # native
        h ^= byte
        h = (h * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


case(fnv, (b"",), (b"foobar",), (bytes(range(256)),), ([1, -5, 7, 2**70],), ([1.5],), (["a"],))
case(hot_fnv, long=lambda: (bytes(range(256)) * 20,))


def congruent(seed, n):
    x, total = seed, 0
    for _ in range(n):
        x = (x * 6364136223846793005 + 1442695040888963407) & MASK
        total += (x >> 33) % 100
    return x, total


def hot_congruent(n):
    x, total = 42, 0
    for _ in range(n):  # native
        x = (x * 6364136223846793005 + 1442695040888963407) % 2**64
        total += (x >> 33) % 100
    return x, total


case(congruent, (42, 0), (42, 1), (42, 300), (-7, 300), (2**63, 300), (2**64 - 1, 300), (2**64, 300), (2**200, 300),
     (1.5, 3), (True, 300))
case(hot_congruent, long=(4000,))


def shifted(x, n):
    total = 0
    for _ in range(n):
        x ^= (x << 13) & MASK
        x ^= x >> 7
        x ^= (x << 17) & MASK
        total += x & 1023
    return total, x


case(shifted, (88172645463325252, 0), (88172645463325252, 200), (1, 200), (0, 200), (2**64 - 1, 200), (-1, 200),
     (2**65, 200))


def rotated(x, n):
    found = []
    for k in range(n):
        left = ((x << k) | (x >> (64 - k))) & MASK if k else x
        small = ((x & MASK32) << (k % 32) | (x & MASK32) >> (32 - k % 32)) & MASK32
        found.append((left, small, x))
        x = left ^ k
    return found


case(rotated, (1, 0), (1, 64), (0xDEADBEEFCAFEBABE, 64), (5, 70), (-3, 10), (2**64 + 1, 60))


class Mixer:
    def __init__(self, state):
        self.state = state

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def real(self):
        return self.next() / 2**64


def mixed(seed, n):
    mixer, found, total = Mixer(seed), 0, 0.0
    for _ in range(n):
        found ^= mixer.next()
        total += mixer.real() + (mixer.next() >> 11) * 2.0**-53
    return found, total, mixer.state


def hot_mixed(seed, n):
    mixer, found, total = Mixer(seed), 0, 0.0
    for _ in range(n):  # native
        found ^= mixer.next()
        total += mixer.real() + (mixer.next() >> 11) * 2.0**-53
    return found, total, mixer.state


case(mixed, (7, 0), (7, 200), (2**64 - 1, 200), (-1, 200), (2**64, 200))
case(hot_mixed, long=(7, 3000))


def boards(bits, n):
    counts = []
    for k in range(n):
        board = (bits * (k + 1)) & MASK
        count = lowest = 0
        while board:
            lowest ^= board & -board
            board &= board - 1
            count += 1
        counts.append((count, lowest, ~bits & MASK, (bits & ~(1 << k)) | (1 << k & MASK)))
    return counts


case(boards, (0, 5), (1, 64), (0x8000000000000001, 64), (2**64 - 1, 64), (-1, 5), (0x8100000000000081, 66))


def compared(a, b, n):
    found = []
    for k in range(n):
        x = (a * (2 * k + 1)) & MASK
        y = b - k
        found.append((x < y, x <= y, x == y, x != y, x > y, x >= y, y < x, y <= x, y == x, y > x, y >= x))
        found.append((x < MASK, x > 5, x == 0, -1 < x, bool(x), not x, 0 if x else 1, x is None, x == None))  # noqa: E711
    return found


case(compared, (1, 1, 40), (MASK, 3, 40), (2**63, 2**63, 40), (2**63, 2**63 + 20, 40), (MASK, -5, 40),
     (MASK, MASK, 40), (MASK, 2**64, 40), (3, True, 10), (MASK, 0.5, 10), (MASK, "a", 10), (2**63, float(2**63), 10))


def divided(x, d, n):
    found = []
    for k in range(n):
        x = (x * 0x9E3779B97F4A7C15 + k) & MASK
        found.append((x % 7, x // 7, x % 1, x // 1, x % 2**63, x // 2**63, x % 2**64, x // 10**18, x % MASK))
        found.append((x % d, x // d, x / d, d % (x | 1), x / 2, x / 2**64, x / MASK, x % MODULUS))
    return found


case(divided, (1, 3, 40), (1, 2**63, 40), (1, MASK, 40), (1, 1, 40), (1, 2, 40), (1, 0, 10), (1, -3, 10),
     (1, 2**64, 10), (1, 0.5, 10), (1, True, 10))


def converted(x, n):
    found = []
    for k in range(n):
        x = (x * 0xD1342543DE82EF95 + 1) & MASK
        found.append((float(x), int(x), abs(x), +x, x * 1.0, 2.5 + x, x - 0.5, 1.0 / (x | 1), k + 0.0 < x))
        found.append((str(x), f"{x:016x}", "%d" % x, repr(x), hex(x), x.bit_length(), bin(x).count("1"), hash(x)))
        found.append((divmod(x, 10), pow(x, 3, 1000), min(x, k), max(x, k), round(x), -x, ~x, x + 1, x - k, x * 2, x ** 2))
    return found


case(converted, (1, 0), (1, 40), (2**63, 40))


def held(x, n):
    table, by_key, kept = [0] * 8, {}, set()
    pair = (0, x)
    for k in range(n):
        x = (x * 0xD1342543DE82EF95 + 1) & MASK
        table[k & 7] ^= x
        by_key[x & 15] = x
        kept.add(x)
        pair = (x, pair[0])
        if x > table[(x >> 60) & 7]:
            x ^= table[3]
    return table, by_key, sorted(kept), pair, x


def zobrist(table, moves):
    h = 0
    for move in moves:
        h ^= table[move]
    return h


case(held, (1, 0), (1, 100), (MASK, 100))
case(zobrist, ([2**63 + 5, 3, MASK, 2**60], [0, 1, 2, 3, 0, 1]), ([2**63 + 5, 3], [1] * 50 + [0] * 50),
     ([3, 2**64], [0] * 30 + [1]), ([3, -2], [0] * 30 + [1] * 5), ([3, None], [0] * 30 + [1]))


def interrupted(items, n):
    """What stands between a product and its mask fails: the product was none that anybody had."""
    found, x = [], 1
    for k in range(n):
        try:
            y = x * 0xD1342543DE82EF95 + items[k % 5]
            z = (y ^ (x << 3)) + items[k % 7]
            x = (z - x) & MASK
        except IndexError as error:
            found.append((k, str(error), x))
            x ^= 3
        except TypeError as error:
            found.append((k, str(error), x))
            x ^= 5
    return found, x


case(interrupted, ([1, 2, 3, 4, 5, 6, 7], 60), ([1, 2, 3, 4, 5, 6], 60), ([1, 2, 3, 4, 5, 6, None], 60),
     ([1, 2**80, -3, 4, True, 2**63, -2**90], 60), ([1, 2, 3, 4.5, 5, 6, 7], 60))


def seen_between(x, n, tell):
    """A function that is called between sees what the variables are."""
    for k in range(n):
        y = x * 0xD1342543DE82EF95 + k
        tell(k)
        x = (y + (y << 2)) & MASK
        if k % 9 == 8:
            tell(y)
    return x


case(seen_between, lambda: (3, 60, [].append), lambda: (MASK, 60, [].append), lambda: (-5, 60, [].append))


def by_variables(x, mask, n):
    total = 0
    for k in range(n):
        x = (x * 0xD1342543DE82EF95 + k) & mask
        total ^= x & (x - 1)
        total ^= (x << 3) & mask
        total ^= (1 << (k & 31)) & ((1 << (k & 15)) - 1)
    return x, total


case(by_variables, (1, MASK, 60), (1, MASK32, 60), (1, 255, 60), (1, 2**70 - 1, 60), (1, -1, 20), (1, -256, 20),
     (-9, MASK, 60), (1, 0, 20), (1, True, 20), (1, 1.5, 5))


def widening(start, n):
    """A variable is small for long, and a word then; or below zero once."""
    x, found = start, 0
    for k in range(n):
        x = x ^ 1 if k < n // 2 else (x + 0xF000000000000000) & MASK
        found ^= x
    return x, found


case(widening, (5, 0), (5, 100), (-5, 100), (2**64, 100))


def captured(n):
    state = 1

    def step():
        nonlocal state
        state = (state * 6364136223846793005 + 1) & MASK
        return state >> 32

    total = 0
    for _ in range(n):
        total += step()
    return total, state


case(captured, (0,), (100,), (300,))


def words_of(n):
    x = 1
    for _ in range(n):
        x = (x * 0xD1342543DE82EF95 + 1) & MASK
        yield x
        yield x >> 40


def generated(n):
    found, total = 0, 0
    for x in words_of(n):
        found ^= x
        total += x & 0xFFFF
    return found, total, [x for x in words_of(n % 10)]


case(generated, (0,), (5,), (200,))


def recursive(x, depth):
    if depth == 0:
        return x
    return recursive((x * 0xD1342543DE82EF95 + depth) & MASK, depth - 1) ^ recursive(x >> 3, depth - 1)


def all_recursive(n):
    found = 0
    for k in range(n):
        found ^= recursive(k, 6)
    return found


case(recursive, (1, 0), (1, 8), (MASK, 8), (-1, 5))
case(all_recursive, (0,), (8,))


def compress(block, n):
    """Rounds as those of SHA-256: sums of five terms that are cut to 32 bits."""
    a, b, c, h = 0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0x5BE0CD19
    for k in range(n):
        s1 = ((a >> 6) | (a << 26)) & MASK32 ^ ((a >> 11) | (a << 21)) & MASK32
        ch = (a & b) ^ (~a & c)
        t1 = (h + s1 + ch + 0x428A2F98 + block[k & 15]) & MASK32
        a, b, c, h = (t1 + (a ^ b ^ c)) & MASK32, a, b, (h + t1) & MASK32
    return a, b, c, h


case(compress, ([0] * 16, 0), (list(range(16)), 100), ([2**31] * 15 + [-5], 100), ([2**63] * 16, 100),
     ([1.5] * 16, 5), ([1] * 15, 40))


def remainders_of_products(xs, y, plus, m):
    h = 1
    out = []
    for x in xs:  # native
        h = (h * y + x) % m
        out.append((h, x * y % m, (x * y - plus * x) % m, (plus - x * y) % m))
    return out


M61 = 2**61 - 1
LARGE = [i * 0x1D1342543DE82EF9 % 2**63 for i in range(1, 40)] + [0, 1, -1, 2**63 - 1, -(2**63), M61, M61 - 1, True]
case(remainders_of_products, lambda: (LARGE, 911382323, 10**18, M61), lambda: (LARGE, 2**63 - 1, -(2**63), 2**63 - 1),
     lambda: (LARGE, -(2**63), -(2**63), M61), lambda: (LARGE, 2**62 + 1, 3, 10**9 + 7),
     lambda: (LARGE, 2**62, 3, 2**62),
     lambda: (LARGE, 2**62 + 1, 3, 1), lambda: (LARGE, 2**62 + 1, 3, 0), lambda: (LARGE, 2**62 + 1, 3, -M61),
     lambda: (LARGE, 2**62 + 1, 3, 2**64 - 59), lambda: (LARGE, 2**64 - 59, 2**64 - 3, 2**64 - 59),
     lambda: (LARGE, 2**62 + 1, 3, 2**70 + 1),
     lambda: (LARGE, 2**62 + 1, 2**70, M61), lambda: (LARGE, 2**62 + 1, 1.5, M61), lambda: (LARGE, 2**62 + 1, "a", M61),
     lambda: (LARGE + [2**70, 2.5], 2**62 + 1, 3, M61),
     long=lambda: ([i * 0x1D1342543DE82EF9 % 2**62 for i in range(1, 1500)], 911382323, 10**18, M61))


def least_of_bools(n, seed, flag):
    state, found = seed, []
    for _ in range(n):
        state = state * 6364136223846793005 + 1442695040888963407 & 2**64 - 1
        found.append((min(flag, state), max(state, flag), min(state, flag, 7)))
    return found


case(least_of_bools, (60, 1, True), (60, 1, False), (60, 2, 1), (60, 2, 2**64 - 1), (9, 2, -1), (60, 3, True), apart=True)


def hash_of_text(text):
    h = 7
    for c in text:  # native
        h = (h * 911382323 + ord(c)) % 2305843009213693951
    return h


case(hash_of_text, lambda: ("abc" * 20,), lambda: ("äöü😀" * 20,), lambda: ("",), long=lambda: ("abcdefghij" * 300,))


def remainders_in_place(xs, m):
    r, s = 1, 0
    for x in xs:  # native
        r *= x
        r %= m
        s += r * r % m - r
        s = (s * 3 + x * x) % m
    return r, s


case(remainders_in_place, lambda: (LARGE[:20], M61), lambda: (LARGE[:20], 10**18 + 9),
     lambda: (LARGE, 2**63 - 25), lambda: ([2, 3] * 50, 97),
     long=lambda: ([i * 0x1D1342543DE82EF9 % 2**61 + 1 for i in range(1500)], M61))


def large_seen_elsewhere(xs, m):
    out = []
    for x in xs:
        p = x * x
        out.append(p % m)
        if x == 77:
            out.append(p)
            out.append(p // 3 + p % 1000)
    return out


case(large_seen_elsewhere, lambda: (LARGE + [77], M61),
     lambda: ([2**62, 77, 2**62] * 5, M61), long=lambda: (list(range(2**61, 2**61 + 3000)), M61))


def powers_of_large(xs, e, m):
    out = []
    for x in xs:  # native
        out.append(pow(x, e, m))
    return out


case(powers_of_large, lambda: (LARGE, 65537, M61), lambda: (LARGE, 2**63 - 1, 2**63 - 25),
     lambda: (LARGE, 2, -(2**63)), lambda: (LARGE, 3, -M61),
     lambda: (LARGE[:39], -1, M61), lambda: (LARGE[:39], -3, 998244353),
     lambda: ([3, 5, 7] * 9, -(2**63), 2**62), lambda: ([3] * 20 + [4], -1, 8),
     lambda: ([3] * 20, -1, 1), lambda: ([3] * 20, -2, -7), lambda: ([3] * 20 + [0], -1, 7),
     lambda: ([3] * 20, 0, M61), lambda: ([3] * 20, 2, 0),
     lambda: ([3] * 20, 2**64, M61), lambda: (LARGE, 5, 2**32),
     lambda: (LARGE, 5, 2**32 + 1), long=lambda: (list(range(1, 3000)), -1, M61))
