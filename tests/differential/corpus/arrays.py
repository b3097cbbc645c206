"""NumPy arrays: element access in every dtype and dimension, scalars that stay NumPy scalars, warnings."""

from __future__ import annotations

import numpy as np

from ..cases import case

DTYPES = (np.float64, np.float32, np.int64, np.int32, np.uint8, np.bool_)


def each(maker):
    return [lambda dtype=dtype: maker(dtype) for dtype in DTYPES]


def array_sum(a):
    total = 0
    for i in range(len(a)):  # native
        total += a[i]
    return total


case(array_sum, *each(lambda d: (np.arange(40).astype(d),)), *each(lambda d: (np.ones(0, d),)),
     lambda: (np.arange(40.0)[::2],), lambda: (np.arange(40.0)[::-1],), lambda: ([1, 2, 3],), lambda: (np.arange(5) + 0j,),
     long=lambda: (np.arange(4000.0),), apart=True)


def array_sum_int(a):
    total = 0
    for i in range(a.shape[0]):  # native
        total += int(a[i])
    return total


case(array_sum_int, *each(lambda d: (np.arange(40).astype(d),)), long=lambda: (np.arange(4000),), apart=True)


def element_kept(a):
    out = []
    for i in range(len(a)):
        out.append(a[i])
    return out


case(element_kept, *each(lambda d: (np.arange(-3, 40).astype(d),)), apart=True)


def store_index(a):
    for i in range(len(a)):  # native
        a[i] = i


case(store_index, *each(lambda d: (np.zeros(50, d),)), lambda: (np.zeros(300, np.uint8),), lambda: (np.zeros((5, 3)),),
     long=lambda: (np.zeros(4000, np.int64),), apart=True)


def store_float(a, x):
    for i in range(len(a)):
        a[i] = x * i


case(store_float, *each(lambda d: (np.zeros(50, d), 0.5)), *each(lambda d: (np.zeros(5, d), float("nan"))),
     lambda: (np.zeros(50, np.int32), 1e12), lambda: (np.zeros(50, np.float32), 1e300), apart=True)


def store_big(a, x):
    for i in range(len(a)):
        a[i] = x + i


case(store_big, *each(lambda d: (np.zeros(50, d), 2**31 - 10)), *each(lambda d: (np.zeros(50, d), 2**63 - 10)), *each(lambda d: (np.zeros(50, d), -5)), apart=True)


def store_bool(a):
    for i in range(len(a)):
        a[i] = i % 3 == 0
    return a


case(store_bool, *each(lambda d: (np.ones(50, d),)), apart=True)


def copy_across(a, b):
    for i in range(len(a)):
        b[i] = a[i]
    return b


case(copy_across, *[lambda d=d, e=e: (np.arange(-5, 45).astype(d), np.zeros(50, e)) for d in DTYPES for e in DTYPES], apart=True)


def scalar_arithmetic(a, b):
    out = []
    for i in range(len(a)):
        out.append(a[i] + b[i])
        out.append(a[i] - b[i])
        out.append(a[i] * b[i])
    return out


case(scalar_arithmetic, *[lambda d=d, e=e: (np.arange(1, 41).astype(d), np.arange(1, 41).astype(e)) for d in DTYPES[:5] for e in DTYPES[:5]], apart=True)


def scalar_division(a, b):
    out = []
    for i in range(len(a)):
        out.append(a[i] / b[i])
        out.append(a[i] // b[i])
        out.append(a[i] % b[i])
    return out


case(scalar_division, *[lambda d=d, e=e: (np.arange(-20, 21).astype(d), (np.arange(41) % 7 + 1).astype(e)) for d in DTYPES[:5] for e in DTYPES[:5]], apart=True)


def scalar_with_python(a, x):
    out = []
    for i in range(len(a)):
        out.append(a[i] + x)
        out.append(x * a[i])
        out.append(a[i] - x)
        out.append(a[i] > x)
    return out


case(scalar_with_python, *[lambda d=d, x=x: (np.arange(40).astype(d), x) for d in DTYPES[:5] for x in (2, 0.5, True, 100)],
     lambda: (np.arange(40).astype(np.uint8), 300), lambda: (np.arange(40).astype(np.int32), 2**40), apart=True)


def scalar_compare(a, b):
    out = []
    for i in range(len(a)):
        out.append((a[i] < b[i], a[i] == b[i], a[i] != b[i], a[i] >= b[i]))
    return out


case(scalar_compare, *[lambda d=d, e=e: (np.arange(-20, 20).astype(d), np.arange(20, -20, -1).astype(e)) for d in DTYPES for e in (np.float64, np.int64, np.uint8)], apart=True)


def uint8_wraps(a, n):
    x = a[0]
    for _ in range(n):
        x = x + a[1]
    return x


case(uint8_wraps, lambda: (np.array([250, 3], np.uint8), 1), lambda: (np.array([250, 3], np.uint8), 50),
     lambda: (np.array([2**31 - 3, 1], np.int32), 50), lambda: (np.array([2**63 - 3, 1], np.int64), 50),
     lambda: (np.array([3e38, 1e38], np.float32), 50), lambda: (np.array([1e308, 1e308]), 50))


def uint8_stored_sum(a):
    for i in range(1, len(a)):
        a[i] = a[i] + a[i - 1]
    return a


case(uint8_stored_sum, *each(lambda d: (np.arange(40).astype(d),)), apart=True)


def uint8_augmented(a, x):
    for i in range(len(a)):
        a[i] += x
    return a


case(uint8_augmented, *[lambda d=d, x=x: (np.arange(40).astype(d), x) for d in DTYPES for x in (1, 0.5, 200)],
     lambda: (np.arange(40).astype(np.uint8), -1), apart=True)


def divide_by_zero(a):
    out = []
    for i in range(len(a)):
        out.append(a[i] / a[0])
    return out


case(divide_by_zero, *each(lambda d: (np.arange(40).astype(d),)), lambda: (np.array([-0.0] + [1.0] * 30),), apart=True)


def floor_divide_by_zero(a):
    out = []
    for i in range(len(a)):
        out.append(a[i] // a[0])
        out.append(a[i] % a[0])
    return out


case(floor_divide_by_zero, *each(lambda d: (np.arange(30).astype(d),)), apart=True)


def python_divides_scalar(a):
    out = []
    for i in range(len(a)):
        out.append(1.0 / a[i])
    return out


case(python_divides_scalar, lambda: (np.arange(-20.0, 20.0),), lambda: (np.arange(-20, 20),), lambda: (np.arange(30).astype(np.uint8),))


def invalid_warning(a):
    total = a[0]
    for i in range(len(a)):
        total = a[i] - a[i]
    return total


case(invalid_warning, lambda: (np.array([1.0] * 30 + [np.inf] * 3),), lambda: (np.array([np.nan] * 30),))


def warning_lines(a):
    x = y = a[0]
    for i in range(len(a)):
        x = a[i] * a[i]
        y = (
            x
            + a[i] * a[i]
        )
    return x, y


case(warning_lines, lambda: (np.array([1.0, 1e200] * 20),), lambda: (np.array([1, 2**40] * 20),), lambda: (np.array([1, 20] * 20, np.uint8),))


def negative_index(a):
    total = 0.0
    for i in range(1, len(a) + 1):  # native
        total += a[-i] * i
    return total


case(negative_index, lambda: (np.arange(30.0),), lambda: (np.zeros(0),), long=lambda: (np.arange(4000.0),))


def read_out_of_bounds(a, n):
    total = 0.0
    for i in range(n):
        total += a[i]
    return total


case(read_out_of_bounds, lambda: (np.arange(30.0), 30), lambda: (np.arange(30.0), 31), lambda: (np.arange(3.0), 4), lambda: (np.arange(50), 60),
     lambda: (np.zeros(0), 1))


def read_out_of_bounds_negative(a, n):
    total = 0.0
    for i in range(n):
        total += a[-i]
    return total


case(read_out_of_bounds_negative, lambda: (np.arange(30.0), 31), lambda: (np.arange(30.0), 32))


def write_out_of_bounds(a, n):
    for i in range(n):
        a[i] = 1


case(write_out_of_bounds, lambda: (np.zeros(30), 30), lambda: (np.zeros(30), 31), lambda: (np.zeros(3, np.uint8), 4))


def two_dimensions(a):
    rows, cols = a.shape
    total = 0.0
    for i in range(rows):  # native
        for j in range(cols):  # native
            total += a[i, j] * (i - j)
    return total


case(two_dimensions, *each(lambda d: (np.arange(30).reshape(5, 6).astype(d),)), lambda: (np.zeros((0, 5)),),
     lambda: (np.arange(30.0).reshape(5, 6).T,), lambda: (np.asfortranarray(np.arange(30.0).reshape(5, 6)),),
     lambda: (np.arange(5.0),), long=lambda: (np.arange(3600.0).reshape(60, 60),), apart=True)


def two_dimensions_bracketed(a):
    total = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            total += a[i][j]
    return total


case(two_dimensions_bracketed, *each(lambda d: (np.arange(30).reshape(5, 6).astype(d),)), lambda: (np.arange(600.0).reshape(20, 30),), apart=True)


def two_dimensions_bounds(a, n, m):
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += a[i, j]
    return total


case(two_dimensions_bounds, lambda: (np.ones((8, 9)), 8, 9), lambda: (np.ones((8, 9)), 9, 9), lambda: (np.ones((8, 9)), 8, 10),
     lambda: (np.ones((8, 9, 2)), 2, 2), lambda: (np.ones((8, 9)), -1, 9))


def three_dimensions(a):
    n, m, p = a.shape
    for i in range(n):  # native
        for j in range(m):  # native
            for k in range(p):  # native
                a[i, j, k] = a[i, j, k] + i * 100 + j * 10 + k
    return a


case(three_dimensions, *each(lambda d: (np.zeros((3, 4, 5), d),)), lambda: (np.zeros((3, 0, 5)),), long=lambda: (np.zeros((14, 15, 16)),), apart=True)


def row_views(a):
    total = 0.0
    for row in a:
        for x in row:
            total += x
    return total


case(row_views, lambda: (np.arange(300.0).reshape(10, 30),), lambda: (np.arange(12).reshape(3, 4),), lambda: (np.arange(24.0).reshape(2, 3, 4),))


def row_writes(a):
    for i in range(len(a)):
        row = a[i]
        for j in range(len(row)):
            row[j] = i - j
    return a, row


case(row_writes, lambda: (np.zeros((4, 30)),), lambda: (np.zeros((4, 5), np.int32),), lambda: (np.zeros((0, 5)),))


def heat_step(u, v, steps):
    n, m = u.shape
    for _ in range(steps):  # native
        for i in range(1, n - 1):  # native
            for j in range(1, m - 1):  # native
                v[i, j] = u[i, j] + 0.1 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] - 4.0 * u[i, j])
        u, v = v, u
    return u


def _plate(n, dtype=np.float64):
    u = np.zeros((n, n), dtype)
    u[n // 2, n // 2] = 100
    return u, u.copy()


case(heat_step, lambda: (*_plate(5), 3), lambda: (*_plate(6, np.float32), 4), lambda: (*_plate(3), 0), long=lambda: (*_plate(26), 8))


def jacobi(a, b, steps):
    n = len(b)
    x = np.zeros(n)
    for _ in range(steps):
        new = np.zeros(n)
        for i in range(n):
            total = b[i]
            for j in range(n):
                if j != i:
                    total -= a[i, j] * x[j]
            new[i] = total / a[i, i]
        x = new
    return x


case(jacobi, lambda: (np.eye(3) * 4 + 1, np.arange(3.0), 5), lambda: (np.eye(20) * 30 + 1, np.arange(20.0), 12),
     lambda: (np.zeros((3, 3)), np.ones(3), 2))


def image_histogram(image):
    counts = [0] * 256
    h, w = image.shape
    for y in range(h):  # native
        for x in range(w):  # native
            counts[image[y, x]] += 1
    return counts


case(image_histogram, lambda: (np.arange(60).reshape(6, 10).astype(np.uint8),), lambda: (np.arange(60).reshape(6, 10),),
     long=lambda: ((np.arange(3600).reshape(60, 60) % 251).astype(np.uint8),))


def histogram_array(image):
    counts = np.zeros(256, np.int64)
    for y in range(image.shape[0]):  # native
        for x in range(image.shape[1]):  # native
            counts[image[y, x]] += 1
    return counts


case(histogram_array, lambda: (np.arange(60).reshape(6, 10).astype(np.uint8),),
     long=lambda: ((np.arange(3600).reshape(60, 60) % 251).astype(np.uint8),))


def threshold(image, level):
    bright = 0
    for y in range(image.shape[0]):
        for x in range(image.shape[1]):
            if image[y, x] > level:
                image[y, x] = 255
                bright += 1
            else:
                image[y, x] = 0
    return bright, image


case(threshold, lambda: (np.arange(200).reshape(10, 20).astype(np.uint8), 100), lambda: (np.arange(200.0).reshape(10, 20), 100))


def mask_count(mask):
    count = 0
    for i in range(len(mask)):  # native
        if mask[i]:
            count += 1
    return count


case(mask_count, *each(lambda d: ((np.arange(40) % 3).astype(d),)), long=lambda: (np.arange(4000) % 3 == 0,), apart=True)


def mask_logic(p, q):
    out = []
    for i in range(len(p)):
        out.append((p[i] & q[i], p[i] | q[i], p[i] ^ q[i], p[i] and q[i], p[i] or q[i], not p[i], ~p[i]))
    return out


case(mask_logic, lambda: (np.arange(30) % 2 == 0, np.arange(30) % 3 == 0), lambda: (np.arange(30, dtype=np.uint8), np.arange(30, dtype=np.uint8) + 1),
     lambda: (np.arange(30), np.arange(30)[::-1]))


def scalar_conversions(a):
    out = []
    for i in range(len(a)):
        out.append((int(a[i]), float(a[i]), bool(a[i]), abs(a[i])))
    return out


case(scalar_conversions, *each(lambda d: (np.arange(40).astype(d),)), lambda: (np.array([1.0] * 30 + [np.nan]),), apart=True)


def scalar_min_max(a):
    lo = hi = a[0]
    for i in range(len(a)):
        lo = min(lo, a[i])
        hi = max(hi, a[i])
    return lo, hi


case(scalar_min_max, *each(lambda d: ((np.arange(40) * 7 % 11).astype(d),)), lambda: (np.array([np.nan, 1.0] * 15),), apart=True)


def scalar_phi(a):
    x = 0
    for i in range(len(a)):
        if a[i] > x:
            x = a[i]
    return x


case(scalar_phi, *each(lambda d: ((np.arange(40) * 7 % 11).astype(d),)), lambda: (np.array([-1.0] * 30),), apart=True)


def scalar_as_index(a, xs):
    total = 0
    for i in range(len(a)):
        total += xs[a[i]]
    return total


case(scalar_as_index, lambda: (np.arange(5), [1, 2, 3, 4, 5]), lambda: (np.arange(40) % 5, [0.5] * 5), lambda: (np.arange(5.0), [1] * 5),
     lambda: (np.array([0] * 30 + [7]), [1, 2]), lambda: (np.array([True, False]), [1, 2]))


def scalar_in_range(a):
    total = 0
    for i in range(a[0], a[1]):
        total += i
    return total, type(i).__name__


case(scalar_in_range, lambda: (np.array([0, 50]),), lambda: (np.array([3, 9], np.uint8),), lambda: (np.array([0.0, 5.0]),))


def python_pow_scalar(a):
    out = []
    for i in range(len(a)):
        out.append(a[i] ** 2)
        out.append(a[i] ** 0.5)
    return out


case(python_pow_scalar, lambda: (np.arange(30.0),), lambda: (np.arange(30),), lambda: (np.arange(30, dtype=np.float32),), lambda: (np.arange(30, dtype=np.uint8),))


def shifts_of_scalars(a):
    out = []
    for i in range(len(a)):
        out.append(a[i] << 1)
        out.append(a[i] >> 1)
        out.append(a[i] & 3)
    return out


case(shifts_of_scalars, lambda: (np.arange(40),), lambda: (np.arange(200, 250).astype(np.uint8),), lambda: (np.arange(40, dtype=np.int32),), lambda: (np.arange(3.0),))


def aliased_views(n):
    base = np.zeros(n)
    left, right = base[:-1], base[1:]
    for i in range(n - 1):
        left[i] = i
        right[i] += 0.5
    return base


case(aliased_views, (1,), (40,))


def same_array_twice(a, b):
    for i in range(len(a) - 1):
        a[i + 1] = b[i] + 1
    return a


def _same():
    a = np.zeros(50)
    return a, a


case(same_array_twice, _same, lambda: (np.zeros(50), np.zeros(50)))


def read_only(a):
    total = 0.0
    for i in range(len(a)):
        total += a[i]
    for i in range(len(a)):
        a[i] = total


def _frozen():
    a = np.arange(40.0)
    a.flags.writeable = False
    return (a,)


case(read_only, _frozen, lambda: (np.arange(40.0),))


def swapped_bytes(a):
    total = 0
    for i in range(len(a)):
        total += a[i]
    return total


case(swapped_bytes, lambda: (np.arange(40, dtype=">f8"),), lambda: (np.arange(40, dtype=">i4"),),
     lambda: (np.frombuffer(b"\0" + np.arange(40.0).tobytes(), np.float64, 40, 1),), lambda: (np.arange(40, dtype=np.int16),), lambda: (np.arange(40, dtype=np.uint64),))


class Tagged(np.ndarray):
    """A subclass with its own element access."""

    def __getitem__(self, key):
        return -super().__getitem__(key)


def subclass_access(a):
    total = 0.0
    for i in range(len(a)):
        total += a[i]
    return total


case(subclass_access, lambda: (np.arange(30.0).view(Tagged),), lambda: (np.arange(30.0),))


def masked_array(a):
    total = 0.0
    for i in range(len(a)):
        total = total + a[i]
    return total


case(masked_array, lambda: (np.ma.array(np.arange(30.0), mask=np.arange(30) % 2 == 0),))


def object_array(a):
    total = 0
    for i in range(len(a)):
        total += a[i]
    return total


case(object_array, lambda: (np.array([1, 2.5, 10**30] * 10, object),), lambda: (np.array(["a"]),))


def array_rebound(n):
    a = np.zeros(10)
    for i in range(n):
        if i == n // 2:
            a = np.zeros(20, np.int64)
        a[i % 10] += 1
    return a


case(array_rebound, (0,), (60,))


def array_made_inside(n):
    total = 0.0
    for i in range(n):
        buffer = np.zeros(3)
        buffer[i % 3] = i
        total += buffer[0]
    return total


case(array_made_inside, (0,), (60,))


def whole_array_operations(a, n):
    for i in range(n):
        a = a * 0.5 + i
        a[0] = 1.0
    return a, a.sum(), np.dot(a, a)


case(whole_array_operations, lambda: (np.arange(5.0), 40))


def errstate_raise(a):
    out = []
    with np.errstate(divide="raise"):
        for i in range(len(a)):
            out.append(a[i] / a[-1 - i])
    return out


case(errstate_raise, lambda: (np.arange(30.0),), lambda: (np.arange(1.0, 30.0),))


def errstate_inside(a):
    out = []
    for i in range(len(a)):
        with np.errstate(all="ignore"):
            out.append(a[i] / a[0])
    return out


case(errstate_inside, lambda: (np.arange(30.0),))


def numpy_constants(a):
    total = np.float64(0)
    for i in range(len(a)):
        total += a[i] * np.pi
    return total


case(numpy_constants, lambda: (np.arange(40.0),), lambda: (np.arange(40, dtype=np.float32),))


def numpy_functions(a):
    out = []
    for i in range(len(a)):
        out.append((np.sqrt(a[i]), np.sin(a[i]), np.abs(a[i])))
    return out


case(numpy_functions, lambda: (np.arange(30.0),), lambda: (np.arange(-30.0, 0.0),), lambda: (np.arange(30),))


def scalar_arguments(x, y, n):
    for _ in range(n):
        x = x + y
    return x


case(scalar_arguments, (np.float64(1), np.float64(0.5), 50), (np.float32(1), np.float32(0.1), 50), (np.int64(1), 2, 50),
     (np.uint8(1), np.uint8(7), 50), (1, np.int32(2), 50), (np.bool_(True), np.bool_(True), 5), (1.5, np.float64(2), 50),
     (np.float32(1), 2.5, 50), (np.int32(2**31 - 5), 1, 20), apart=True)


def item_method(a):
    total = 0
    for i in range(len(a)):
        total += a[i].item() + a.item(i)
    return total


case(item_method, lambda: (np.arange(40),), lambda: (np.arange(40.0),))


def array_attributes(a):
    total = 0
    for i in range(40):
        total += a.size + a.ndim + a.shape[0] + i
    return total


case(array_attributes, lambda: (np.zeros((3, 4)),), lambda: (np.zeros(3),), lambda: (np.zeros(()),))


def shape_changes(n):
    a = np.zeros(12)
    total = 0
    for i in range(n):
        if i == 30:
            a.shape = (3, 4)
        total += a.shape[0] + len(a)
    return total


case(shape_changes, (10,), (60,))


def list_of_arrays(rows):
    total = 0.0
    for row in rows:
        for i in range(len(row)):
            total += row[i]
    return total


case(list_of_arrays, lambda: ([np.arange(30.0), np.arange(5.0)],), lambda: ([np.arange(30.0), np.arange(30)],), lambda: ([np.arange(9.0), [1, 2]],))


def boolean_scalar_identity(a):
    out = []
    for i in range(len(a)):
        flag = a[i] > 3
        out.append(flag)
        out.append(flag is True)
        out.append(i if flag else -i)
    return out


case(boolean_scalar_identity, lambda: (np.arange(30.0),), lambda: (np.arange(30),))


def dot_product(a, b):
    total = 0.0
    for i in range(a.shape[0]):  # native
        total += a[i] * b[i]
    return total


case(dot_product, *[lambda d=d: (np.arange(40).astype(d), np.arange(40).astype(d)) for d in DTYPES[:4]],
     lambda: (np.arange(40.0), np.arange(30.0)), lambda: (np.arange(40.0), list(range(40))), long=lambda: (np.arange(4000.0), np.ones(4000)), apart=True)


def moving_average(a, width):
    n = len(a)
    out = np.empty(n - width + 1)
    for i in range(n - width + 1):  # native
        total = 0.0
        for j in range(width):  # native
            total += a[i + j]
        out[i] = total / width
    return out


case(moving_average, lambda: (np.arange(30.0), 3), lambda: (np.arange(30), 4), lambda: (np.arange(5.0), 0), long=lambda: (np.arange(900.0), 5))


def float32_meets_one_of_several_floats(n, ys, a):
    y, out = 0.1, []
    for i in range(n):
        if i % 3 == 0:
            y = ys[i % len(ys)]
        elif i % 3 == 1:
            y = 0.1
        out.append((y < a[i % len(a)], y == a[0], min(y, a[0])))
    return out, y


case(
    float32_meets_one_of_several_floats,
    lambda: (60, [np.float64(0.1), 0.1], np.array([0.1, 0.2, 0.1], np.float32)),
    lambda: (60, [np.float64(0.1), 1], np.array([0.1, 0.2, 2**24 + 2], np.float32)),
    apart=True,
)


def float_meets_scalars_of_several_types(ys, x, a, m):
    picked = []
    for k in range(40):
        picked.append(min(ys[k % len(ys)], x))
        x = a[k % len(a)] / 0.1 + (0.5 - ys[0])
        ys[k % len(ys)] -= ys[0] + m[k % 3]
        x = x if k % 5 else 0.0
    return picked, x


case(
    float_meets_scalars_of_several_types,
    lambda: ([2.955, -0.622, 4.822], 1.5, np.arange(5, dtype=np.float32), np.arange(3, dtype=np.int64)),
    lambda: ([2.955, -0.622, 4.822], 1.5, np.arange(5, dtype=np.float64), np.arange(3, dtype=np.float32)),
    apart=True,
)


def one_of_several_floats_meets_an_object(xs, ys):
    x, total = 0.5, 0.0
    for k in range(60):
        x = xs[k % len(xs)]
        total = x + ys[k % len(ys)]
        total = x * ys[0] - total
    return total


case(
    one_of_several_floats_meets_an_object,
    lambda: ([0.5, np.float64(1.5)], [2.5, np.int32(3), 4.5, 1]),
    lambda: ([0.5, np.float64(1.5)], [2.5, None]),
)


def stores_of_objects(a, xs):
    for i in range(60):
        a[i % len(a)] = xs[i % len(xs)]
    return a


case(
    stores_of_objects,
    lambda: (np.zeros(5, np.int64), [True, 2]),
    lambda: (np.zeros(5, np.uint8), [True, 2]),
    lambda: (np.zeros(5, np.float32), [True, 2]),
    lambda: (np.zeros(4, bool), [[1], [2]]),
    lambda: (np.zeros(4, bool), [None, 1, "x", 2.5]),
    lambda: (np.zeros(4), [None, 1.5, 3]),
    lambda: (np.zeros(4, np.int64), ["3", 2]),
    lambda: (np.zeros(4, np.int64), [np.uint8(3), np.int16(-2), np.float32(2.5)]),
    apart=True,
)


def sums_from_zero(a, n):
    out = []
    for _ in range(n):
        total = 0
        for x in a:
            total += x
        out.append(total)
    return out


case(sums_from_zero, (np.arange(40), 3), (np.linspace(0.0, 1.0, 40), 3), ([0.5] * 40, 3), (np.arange(2), 9))


def sum_from_zero(xs):
    total = 0
    for x in xs:
        total += x
    return total


case(sum_from_zero, (np.arange(50),), ([1] * 50,), ([0.5] * 50,), ([True] * 50,), (np.ones(50, np.float32),), ([],), ([2**70],))
