"""The shortest ways between all pairs of towns: what `configs/quickstart.yaml` runs."""


def roads(towns: int) -> list[list[int]]:
    """How long the direct road from each town to each other one is."""
    state = 7
    table = []
    for here in range(towns):
        row = []
        for there in range(towns):
            state = (state * 1103515245 + 12345) % 2147483648
            row.append(0 if here == there else 1 + state // 65536 % 1000)
        table.append(row)
    return table


def shortest_ways(towns: int) -> int:
    """The lengths of all shortest ways together, by the algorithm of Floyd and Warshall on plain lists."""
    ways = roads(towns)
    for over in range(towns):
        for here in range(towns):
            for there in range(towns):
                length = ways[here][over] + ways[over][there]
                if length < ways[here][there]:
                    ways[here][there] = length
    return sum(sum(row) for row in ways)
