"""Views of arrays: rows, columns and slices taken inside loops, read and written through, kept and handed out."""

from __future__ import annotations

import numpy as np

from ..cases import case

DTYPES = (np.float64, np.float32, np.int64, np.int32, np.int16, np.int8, np.uint64, np.uint32, np.uint16, np.uint8, np.bool_)


def grid(dtype=np.float64, h=6, w=7):
    return (np.arange(h * w) % 101).astype(dtype).reshape(h, w)


def layouts(h=6, w=7, dtype=np.float64):
    """The same shape in many layouts."""
    return [
        lambda: (grid(dtype, h, w),),
        lambda: (np.asfortranarray(grid(dtype, h, w)),),
        lambda: (grid(dtype, w, h).T,),
        lambda: (grid(dtype, 2 * h, 3 * w)[::2, ::3],),
        lambda: (grid(dtype, h, w)[::-1, ::-1],),
        lambda: (grid(dtype, h, w)[:, ::-1],),
        lambda: (grid(dtype, h + 2, w + 2)[1:-1, 1:-1],),
        lambda: (np.broadcast_to(np.arange(float(w)).astype(dtype), (h, w)),),
    ]


def long_grid():
    return (np.arange(3600.0).reshape(60, 60),)


def total_by_rows(a):
    total = 0
    for i in range(len(a)):  # native
        row = a[i]
        for j in range(len(row)):  # native
            total += row[j]
    return total, row


case(total_by_rows, *layouts(), lambda: (np.zeros((3, 0)),), lambda: (grid(h=1, w=1),), lambda: ([[1.5, 2.5], [3.5]],),
     long=long_grid, apart=True)


def total_by_columns(a):
    total = 0
    for j in range(a.shape[1]):  # native
        column = a[:, j]
        for x in column:  # native
            total += x
    return total, column


case(total_by_columns, *layouts(), *[lambda d=d: (grid(d),) for d in DTYPES], long=long_grid, apart=True)


def total_chained(a):
    total = 0
    for i in range(a.shape[0]):  # native
        for j in range(a.shape[1]):  # native
            total += a[i][j]
    return total


case(total_chained, *layouts(), *[lambda d=d: (grid(d),) for d in DTYPES], long=long_grid, apart=True)


def total_by_iteration(a):
    total, last = 0, None
    for row in a:  # native
        for x in row:  # native
            total += x
        last = row
    return total, last, row


case(total_by_iteration, *layouts(), lambda: (np.arange(24).reshape(2, 3, 4),), long=long_grid, apart=True)


def transposed_total(a):
    total = 0
    t = a.T
    for i in range(len(t)):  # native
        for j in range(len(a.T[i])):  # native
            total += t[i, j] * a.T[i][j]
    return total, t.shape


case(transposed_total, *layouts(), long=long_grid, apart=True)


def five_point_stencil(a, b):
    for i in range(1, len(a) - 1):  # native
        up, mid, down, out = a[i - 1], a[i], a[i + 1], b[i]
        for j in range(1, len(mid) - 1):  # native
            out[j] = (up[j] + down[j] + mid[j - 1] + mid[j + 1]) * 0.25
    return b


case(five_point_stencil, lambda: (grid(), np.zeros((6, 7))), lambda: (grid(w=6).T, np.zeros((12, 14))[::2, ::2]),
     lambda: (grid(), grid(np.float32)), lambda: (grid(np.int64), np.zeros((6, 7), np.uint8)), lambda: (grid(), np.zeros((6, 3))),
     long=lambda: (np.arange(3600.0).reshape(60, 60), np.zeros((60, 60))), apart=True)


def relax_in_place(a, n):
    for _ in range(n):
        for i in range(1, len(a) - 1):  # native
            row = a[i]
            for j in range(1, len(row) - 1):  # native
                row[j] = (row[j - 1] + row[j + 1] + a[i - 1][j] + a[i + 1][j]) / 4
    return a


case(relax_in_place, lambda: (grid(), 5), lambda: (grid()[::-1], 3), lambda: (grid().T, 3), lambda: (grid(np.float32), 3),
     long=lambda: (np.arange(2500.0).reshape(50, 50), 2), apart=True)


def convolve(image, kernel):
    h, w = image.shape
    k = len(kernel) // 2
    out = np.zeros((h, w), np.int64)
    for y in range(k, h - k):  # native
        for x in range(k, w - k):  # native
            total = 0
            window = image[y - k:y + k + 1, x - k:x + k + 1]
            for dy in range(len(kernel)):  # native
                for dx in range(len(kernel)):
                    total += int(window[dy, dx]) * kernel[dy][dx]
            out[y, x] = total
    return out


case(convolve, lambda: (grid(np.uint8), [[1, 2, 1], [2, 4, 2], [1, 2, 1]]), lambda: (grid(np.uint8).T, [[1, 0, -1]] * 3),
     lambda: (grid(np.int16, 9, 12)[::-1], np.ones((3, 3), np.int8)),
     long=lambda: (grid(np.uint8, 40, 40), [[1, 2, 1], [2, 4, 2], [1, 2, 1]]), apart=True)


def strided_elements(a):
    total = 0
    for i in range(a.shape[0]):  # native
        for j in range(a.shape[1]):  # native
            total += a[i, j] + a[-1 - i, -1 - j]
    return total


case(strided_elements, *layouts(), *[lambda d=d: (grid(d)[::-2, 1::2],) for d in DTYPES], long=lambda: (long_grid()[0].T,), apart=True)


def strided_stores(a, b):
    for i in range(a.shape[0]):  # native
        for j in range(a.shape[1]):  # native
            a[i, j] = b[i, j]
            b[i, j] = i * j
    return a, b


case(strided_stores, *[lambda d=d, e=e: (grid(d).T, grid(e)[::-1].T) for d in DTYPES for e in (np.float64, np.int64, np.uint8)],
     lambda: (grid()[:, ::2], grid()[:, ::-2]), long=lambda: (long_grid()[0].T, np.zeros((120, 60))[::2]), apart=True)


def many_dimensions(a):
    total = 0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            for k in range(a.shape[2]):
                plane = a[i, j, k]
                for m in range(len(plane)):  # native
                    total += plane[m] + a[i, j, k, m]
                    a[i, j, k, m] = total
    return total, a


case(many_dimensions, lambda: (np.arange(120.0).reshape(2, 3, 4, 5),), lambda: (np.arange(120).reshape(5, 4, 3, 2).T,),
     lambda: (np.arange(480).reshape(4, 6, 4, 5)[::2, ::-2, :, 1:],), long=lambda: (np.arange(3000.0).reshape(5, 5, 5, 24),), apart=True)


def slices_of_rows(a, lo, hi):
    out = []
    for i in range(len(a)):
        row = a[i, lo:hi]
        total = 0
        for x in row:
            total += x
        out.append((total, len(row), row.shape, row.size, row.ndim))
    return out, row


case(slices_of_rows, *[lambda lo=lo, hi=hi: (grid(h=30), lo, hi) for lo in (None, 0, 2, -3, 9, -9) for hi in (None, 0, 5, -1, 9, -9)],
     lambda: (grid(h=30).T, 1, -1), lambda: (grid(h=30), np.int64(1), np.uint8(4)), lambda: (grid(h=30), True, 3),
     lambda: (grid(h=30), 2**62, -(2**62)), lambda: (grid(h=30), 1.5, 3), lambda: (grid(h=30), 2**70, None), apart=True)


def stepped(a):
    out = []
    for i in range(30):
        k = i % len(a)
        for v in (a[::2], a[::-1], a[k::-2], a[k:k + 3], a[-1:k:-1], a[k:k:3]):
            total = 0
            for x in v:
                total += x
            out.append((total, len(v)))
    return out, v


case(stepped, lambda: (np.arange(7.0),), lambda: (np.arange(14)[::-2],), lambda: (np.arange(1),), apart=True)


def views_of_views(a):
    total = 0
    for i in range(len(a)):
        v = a[i:]
        w = v[::-1]
        u = w[0, 1:]
        for j in range(len(u)):  # native
            total += u[j] + w[-1][j] + v[0].T[j] + a[1:, 1:].T[j % 3, i % 2]
    return total, v, w, u


case(views_of_views, lambda: (grid(),), lambda: (grid().T,), lambda: (grid()[::-1],), long=lambda: (np.arange(4000.0).reshape(40, 100),), apart=True)


def views_kept(a):
    out = []
    for i in range(len(a)):
        out.append(a[i])
        out.append(a[i:i + 2, ::2])
        out.append(a.T)
        out.append(a[:, i % 3])
    return out, out[0].base is a or out[0].base is a.base


case(views_kept, *[lambda f=f: (f()[0],) for f in layouts(h=30)], lambda: (np.frombuffer(np.arange(90.0).tobytes()).reshape(30, 3),), apart=True)


def view_or_array(a, n):
    v = a
    total = 0
    for i in range(n):
        if i % 3 == 0:
            v = a
        elif i % 3 == 1:
            v = a[1:]
        for x in v:
            total += x
    return total, v is a, v


case(view_or_array, lambda: (np.arange(5.0), 40), lambda: (np.arange(5.0), 41), lambda: (np.arange(10)[::2], 30), lambda: (np.arange(10)[::2], 31), apart=True)


def shrinking(a):
    total = 0
    v = a
    while len(v) > 1:
        total += v[0] - v[-1]
        v = v[1:]
    return total, v


case(shrinking, lambda: (np.arange(60.0),), lambda: (np.arange(60)[::-1],), lambda: (np.arange(1),), apart=True)


def view_unbound(a, n):
    for i in range(n):
        if i > 20:
            row = a[i % len(a)]
        if i > n - 3:
            a[0, 0] = row[1]
    return row


case(view_unbound, lambda: (grid(), 40), lambda: (grid(), 15), lambda: (grid(), 23), lambda: (grid(), 2), apart=True)


def rows_out_of_bounds(a):
    total = 0
    for i in range(len(a) + 1):
        row = a[i]
        for j in range(len(row)):
            total += row[j]
    return total


case(rows_out_of_bounds, lambda: (grid(),), lambda: (grid().T,), lambda: (np.zeros((0, 3)),), apart=True)


def columns_out_of_bounds(a):
    total = 0
    for i in range(len(a)):
        row = a[i]
        for j in range(len(row) + i - 4):
            total += row[j]
    return total


case(columns_out_of_bounds, lambda: (grid(),), lambda: (grid().T,), apart=True)


def written_while_read(a):
    for i in range(1, len(a)):  # native
        above, here = a[i - 1], a[i]
        both = a[i - 1:i + 1]
        for j in range(len(here)):  # native
            here[j] += above[j]
            both[0, j] = both[1, j] * 2
    return a


case(written_while_read, lambda: (grid(),), lambda: (grid().T,), lambda: (grid(np.uint8),), lambda: (grid(np.int16)[::-1],),
     long=lambda: (np.ones((50, 50)),), apart=True)


def read_only_rows(a):
    total = 0.0
    for i in range(len(a)):
        row = a[i]
        total += row[0]
    for i in range(len(a)):
        row = a[i]
        row[0] = total


def _frozen():
    a = grid()
    a.flags.writeable = False
    return (a,)


case(read_only_rows, _frozen, lambda: (_frozen()[0].T,), lambda: (grid(),), lambda: (np.broadcast_to(np.arange(4.0), (30, 4)),), apart=True)


def read_only_view_of_writeable(n):
    base = np.arange(40.0).reshape(20, 2)
    a = base[:]
    a.flags.writeable = False
    out = []
    for i in range(n):
        out.append(a[i])
    return out, [v.flags.writeable for v in out]


case(read_only_view_of_writeable, (20,), (3,))


def read_only_rows_kept(a, b):
    out = []
    for i in range(len(a)):
        row = a[i]
        out.append(row)
        b[0] = i
        if i > len(a) - 3:
            row[0] = i
    return out


case(read_only_rows_kept, lambda: (_frozen()[0], np.zeros(3)), lambda: (_frozen()[0].T, np.zeros(3)), lambda: (grid(h=30), np.zeros(3)),
     lambda: (np.broadcast_to(np.arange(4.0), (30, 4)), np.zeros(3)), apart=True)


def reshaped_under_views(n):
    a = np.arange(24.0).reshape(6, 4)
    out = []
    v = a[1:]
    for i in range(n):
        if i == 20:
            a.shape = (24,)
        if i == 25:
            a.shape = (4, 6)
        out.append((v[i % 5][1], v.shape))
        if i > 27:
            out.append(v)
            out.append(v[i % 5])
    return out, v


case(reshaped_under_views, (22,), (40,), (60,))


def whole_row_work(a):
    out = []
    for i in range(len(a)):
        row = a[i]
        total = 0.0
        for x in row:
            total += x
        out.append((row.sum() - total, row.copy(), float(row @ row)))
    return out


case(whole_row_work, lambda: (grid(h=30),), lambda: (grid(w=30).T,), apart=True)


def rows_assigned(a, b):
    for i in range(len(a)):
        a[i, :] = b[i]
        a[i, 1:3] = 0.5
        a[i][0] += i
    return a


case(rows_assigned, lambda: (grid(), grid(np.int64)), lambda: (grid().T, grid(w=6, h=7)), apart=True)


def base_reshaped(n):
    a = np.arange(24.0)
    total = 0.0
    v = a[2:]
    for i in range(n):
        if i == 30:
            a.shape = (4, 6)
        total += v[i % len(v)] + v.size
    return total, v


case(base_reshaped, (10,), (60,))


def made_in_the_loop(n):
    total = 0.0
    for i in range(n):
        buffer = np.zeros(8)
        for j in range(8):
            buffer[j] = i * j
            total += buffer[7 - j]
    return total, buffer


case(made_in_the_loop, (0,), (3,), (60,))


def copied_rows(a):
    total = 0.0
    for i in range(len(a)):
        row = a[i].copy()
        for j in range(1, len(row)):
            row[j] += row[j - 1]
        total += row[-1]
    return total, row, a


case(copied_rows, lambda: (grid(h=30),), lambda: (grid(w=30).T,), apart=True)


def swapped_buffers(a, n):
    b = np.empty_like(a)
    for _ in range(n):
        for i in range(1, len(a) - 1):  # native
            b[i] = (a[i - 1] + a[i + 1]) / 2
        b[0], b[-1] = a[0], a[-1]
        a, b = b, a
    return a, b


case(swapped_buffers, lambda: (np.arange(20.0) % 7, 9), lambda: ((np.arange(40.0) % 7)[::2], 9), lambda: (np.arange(20) % 7, 3),
     long=lambda: (np.arange(900.0) % 7, 5), apart=True)


def pairs_of_points(points):
    total = 0.0
    for i in range(len(points)):
        x, y = points[i]
        for j in range(i):
            u, v = points[j]
            total += (x - u) * (y - v)
    return total, (x, y)


case(pairs_of_points, lambda: (np.arange(24.0).reshape(12, 2) % 7,), lambda: (np.arange(36).reshape(12, 3),), lambda: (np.arange(60.0).reshape(12, 5)[:, ::3],), apart=True)


def zipped_rows(a, b):
    out = []
    for i, (p, q) in enumerate(zip(a, b)):
        total = 0
        for x, y in zip(p, q):
            total += x * y
        out.append((i, total))
    return out


case(zipped_rows, lambda: (grid(), grid(np.int32)), lambda: (grid().T, grid()), lambda: (grid()[::2], grid(np.uint8)), apart=True)


def ellipsis_keys(a):
    total = 0
    for i in range(len(a)):
        total += a[..., i % 3][i] + a[i, ...][0]
    return total


case(ellipsis_keys, lambda: (grid(h=30),), lambda: (np.arange(60.0).reshape(20, 3).T.copy().T,), apart=True)


def unusual_keys(a, k):
    out = []
    for i in range(20):
        out.append(a[k])
        out.append(a[i % 2, k])
    return out


case(unusual_keys, *[lambda k=k: (grid(), k) for k in (None, True, np.bool_(True), [0, 1], np.array([1, 0]), np.int8(1), slice(1, 3), 1.0, "x", (1,), 2**70)], apart=True)


def views_compared(a):
    out = []
    for i in range(20):
        out.append((a[i % 3] is None, a[:] is a, a.T is a, a is a))
    return out


case(views_compared, lambda: (grid(),))


def large_unsigned(a, n):
    out = []
    for i in range(n):
        out.append((a[i % len(a)] + a[0], a[i % len(a)] * np.uint64(3), a[i % len(a)] > 5, a[i % len(a)] // a[0]))
        a[i % len(a)] = a[i % len(a)] // 2 + 1
    return out


case(large_unsigned, lambda: (np.arange(1, 30, dtype=np.uint64), 40), lambda: (np.array([1, 2**63, 2**64 - 1, 7], np.uint64), 40), apart=True)


def unsigned_promotion(a, b):
    out = []
    for i in range(len(a)):
        out.append((a[i] + b[i], a[i] - b[i], a[i] * b[i], a[i] / b[i], a[i] // b[i], a[i] % b[i], a[i] < b[i]))
    return out


case(unsigned_promotion, *[lambda d=d, e=e: ((np.arange(40) + 3).astype(d), (np.arange(40) % 7 + 1).astype(e)) for d in (np.uint64, np.int8, np.uint16) for e in DTYPES[:-1]], apart=True)


def odd_arrays(a):
    total = 0
    for i in range(len(a)):
        total += a[i]
    return total


case(odd_arrays, lambda: (np.arange(40, dtype=">i4")[::2],), lambda: (np.zeros(30, "i1,f8")["f1"],), lambda: (np.arange(30, dtype=np.float16),),
     lambda: (np.array([1, 2.5, 10**30] * 10, object)[::2],), lambda: (np.ma.arange(30)[::2],), lambda: (np.arange(30.0).view(np.matrix).A1[::2],), apart=True)


def game_of_life(board):
    h, w = board.shape
    out = np.zeros_like(board)
    for y in range(1, h - 1):
        for x in range(1, w - 1):  # native
            n = 0
            for row in board[y - 1:y + 2, x - 1:x + 2]:
                for c in row:
                    n += c
            n -= board[y, x]
            out[y, x] = 1 if n == 3 or (n == 2 and board[y, x]) else 0
    return out


def _board(h, w, dtype=np.uint8):
    return (np.arange(h * w) * 7 % 11 % 3 == 0).astype(dtype).reshape(h, w)


case(game_of_life, lambda: (_board(9, 12),), lambda: (_board(9, 12, np.int64).T,), lambda: (_board(9, 12, np.int16)[::-1],), lambda: (_board(9, 12, bool),),
     lambda: (_board(9, 12).astype(np.float32),), lambda: (_board(9, 12) * 60,), long=lambda: (_board(40, 90),), apart=True)


def integers_from_zero(a, n):
    out = []
    for i in range(n):
        row = a[i % len(a)]
        total = count = 0
        for x in row:
            total = total * 2 + x
            if total > 90:
                total -= 90
            if total < x:
                count -= 1
        out.append((total, int(total), float(total), count))
        row[0] = total
        a[0, int(total) % len(row)] = count
        out.append([0, 1, 2, 3][total & 3])
    return out


case(integers_from_zero, *[lambda d=d: (grid(d), 40) for d in DTYPES], *[lambda d=d: (np.zeros((3, 0), d), 3) for d in (np.uint8, np.int64)], apart=True)


def convolve_scalars(image, kernel):
    out = []
    for y in range(len(image) - 2):
        total = 0
        for dy in range(3):
            for dx in range(3):
                total += image[y + dy, dx] * kernel[dy, dx]
        out.append(total)
    return out


case(convolve_scalars, *[lambda d=d, e=e: (grid(d, 30), grid(e, 3, 3)) for d in (np.uint8, np.int16, np.int64, np.float32) for e in (np.uint8, np.int32, np.float64)], apart=True)


def big_integers_rounded(a, b):
    for i in range(len(b)):
        a[i] = b[i]
    return a


case(big_integers_rounded, lambda: (np.zeros(40, np.float32), np.full(40, 2**60 + 2**36 + 1)), lambda: (np.zeros(40, np.float32), np.full(40, 2**63 + 2**39 + 1, np.uint64)),
     lambda: (np.zeros(40), np.full(40, 2**60 + 129)))
