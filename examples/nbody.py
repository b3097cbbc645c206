"""The planets of the solar system on plain nested lists: how far does the energy drift?"""

from __future__ import annotations

import math

YEAR = 365.24
SUN_MASS = 4.0 * math.pi**2

# x, y, z, velocity x, y, z, mass
BODIES = [
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, SUN_MASS],
    [
        4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
        0.00166007664274403694 * YEAR, 0.00769901118419740425 * YEAR, -0.0000690460016972063023 * YEAR,
        0.000954791938424326609 * SUN_MASS,
    ],
    [
        8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
        -0.00276742510726411076 * YEAR, 0.00499852801234917238 * YEAR, 0.0000230417297573763929 * YEAR,
        0.000285885980666130812 * SUN_MASS,
    ],
    [
        12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
        0.00296460137564761618 * YEAR, 0.00237847173959480950 * YEAR, -0.0000296589568540237556 * YEAR,
        0.0000436624404335156298 * SUN_MASS,
    ],
    [
        15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
        0.00268067772490389322 * YEAR, 0.00162824170038242295 * YEAR, -0.0000951592254519715870 * YEAR,
        0.0000515138902046611451 * SUN_MASS,
    ],
]  # fmt: skip


def energy(bodies):
    """Kinetic plus potential energy of all bodies."""
    total = 0.0
    for i in range(len(bodies)):
        one = bodies[i]
        total += 0.5 * one[6] * (one[3] * one[3] + one[4] * one[4] + one[5] * one[5])
        for j in range(i + 1, len(bodies)):
            other = bodies[j]
            dx = one[0] - other[0]
            dy = one[1] - other[1]
            dz = one[2] - other[2]
            total -= one[6] * other[6] / math.sqrt(dx * dx + dy * dy + dz * dz)
    return total


def advance(bodies, steps, dt):
    """Move all bodies by `steps` steps of `dt` years."""
    for _ in range(steps):
        for i in range(len(bodies)):
            one = bodies[i]
            for j in range(i + 1, len(bodies)):
                other = bodies[j]
                dx = one[0] - other[0]
                dy = one[1] - other[1]
                dz = one[2] - other[2]
                square = dx * dx + dy * dy + dz * dz
                pull = dt / (square * math.sqrt(square))
                one[3] -= dx * other[6] * pull
                one[4] -= dy * other[6] * pull
                one[5] -= dz * other[6] * pull
                other[3] += dx * one[6] * pull
                other[4] += dy * one[6] * pull
                other[5] += dz * one[6] * pull
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]


def main():
    bodies = [list(body) for body in BODIES]
    before = energy(bodies)
    advance(bodies, 200_000, 0.001)
    after = energy(bodies)
    print(f"energy before {before:.9f}")
    print(f"energy after  {after:.9f}")


if __name__ == "__main__":
    main()
