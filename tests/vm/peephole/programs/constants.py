def constants(x):
    if x in [1, 2, 3]:
        return (1, "two", (3.0, -0.0))
    for y in ["a", "b"]:
        x = x * 2 ** 10 + 6 / 3
    while True:
        if x > 10 ** 10 ** 8:
            break
        x = x + (1 - 1.0)
    return "done"
