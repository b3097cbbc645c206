"""Lists: quicksort in place, by recursion."""


def main(size):
    items = []
    seed = 42
    for _i in range(size):
        seed = (seed * 1103515245 + 12345) % 2147483648
        items.append(seed)
    quicksort(items, 0, size - 1)
    return items[0], items[size // 2], items[-1]


def quicksort(items, low, high):
    left = low
    right = high
    pivot = items[(low + high) // 2]
    while left <= right:
        while items[left] < pivot:
            left += 1
        while items[right] > pivot:
            right -= 1
        if left <= right:
            items[left], items[right] = items[right], items[left]
            left += 1
            right -= 1
    if low < right:
        quicksort(items, low, right)
    if left < high:
        quicksort(items, left, high)
