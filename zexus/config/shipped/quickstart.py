"""How many numbers below a limit are prime: what `configs/quickstart.yaml` runs."""


def primes(limit: int) -> int:
    """Count the primes below `limit`, with a sieve in a plain list."""
    composite = [False] * limit
    found = 0
    for number in range(2, limit):
        if composite[number]:
            continue
        found += 1
        for multiple in range(number * number, limit, number):
            composite[multiple] = True
    return found
