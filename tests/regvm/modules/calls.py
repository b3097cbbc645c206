def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def is_small(x):
    return x < 10


def swap(pair):
    a, b = pair
    return b, a


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def main(n):
    total = 0
    i = 0
    while i < n:
        if is_small(i) and even(i):
            total += clamp(i * i, 3, 50) + 2**5
        first, second = swap((i, total))
        total = first + second // 2 % 4
        i += 1
    return total + fib(n)
