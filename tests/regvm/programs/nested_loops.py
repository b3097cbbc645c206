def pairs(items, limit):
    found = []
    for i in range(len(items)):
        for j, other in enumerate(items):
            if items[i] + other == limit and i != j:
                found.append((i, j))
                break
        else:
            continue
        first, second = found[-1]
        if first > second > 0:
            return found
    return found
