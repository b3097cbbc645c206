def rotate(a, b, c):
    a, b, c = b, c, a
    a[b], c[b] = c[b], a[b]
    return [x * 2 for x in a if x]
