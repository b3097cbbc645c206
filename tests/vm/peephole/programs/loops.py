def collatz(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n //= 2
        else:
            n = 3 * n + 1
        steps += 1
    for i in range(steps):
        if i > 100:
            break
    else:
        return n, steps
    return steps
