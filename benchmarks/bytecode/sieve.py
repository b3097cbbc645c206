"""Lists: the sieve of Eratosthenes."""


def main(limit):
    prime = [True] * limit
    n = 2
    while n * n < limit:
        if prime[n]:
            for multiple in range(n * n, limit, n):
                prime[multiple] = False
        n += 1
    count = 0
    for n in range(2, limit):
        if prime[n]:
            count += 1
    return count
