def zeros(n, p):
    return [[0] * p for _ in range(n)]
