def rotate(xs, i, j, a, b, c):
    a, b = b, a
    a, b, c = b + c, c + a, a + b
    xs[i], xs[j] = xs[j], xs[i]
    (a, b), c = (c, a), b
    return a, b, c
