def sign(x, strict):
    if not strict and x is None:
        return 0
    if x < 0:
        return -1
    elif x == 0:
        y = 0
    else:
        y = 1
    return y
