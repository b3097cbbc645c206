"""Histograms of times: buckets that are narrow where values are small, so that no value is off by more than a share.

As in HdrHistogram (Tene 2012): within a power of two the buckets are equally wide. Count, least, greatest and sum are
exact.
"""

from __future__ import annotations

from dataclasses import field

from zexus.records import dataclass

STEPS = 32  # buckets of a power of two: values are told apart that differ by 1/32


@dataclass
class Histogram:
    """How often values have come.

    Attributes:
        count: of the values.
        least, greatest, sum: of the values; 0 without any.
        buckets: how many values there are in each bucket, by its number.
    """

    count: int = 0
    least: int = 0
    greatest: int = 0
    sum: int = 0
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, value: int, times: int = 1) -> None:
        """Take in a value, which is not negative, so many times."""
        self.least = value if not self.count else min(self.least, value)
        self.greatest = max(self.greatest, value)
        self.count += times
        self.sum += value * times
        bucket = bucket_of(value)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + times

    def merge(self, other: Histogram) -> Histogram:
        """One histogram of the values of both."""
        if not self.count or not other.count:
            return other if not self.count else self
        buckets = dict(self.buckets)
        for bucket, times in other.buckets.items():
            buckets[bucket] = buckets.get(bucket, 0) + times
        return Histogram(self.count + other.count, min(self.least, other.least), max(self.greatest, other.greatest),
                         self.sum + other.sum, buckets)

    @property
    def mean(self) -> float:
        """Of the values; 0 without any."""
        return self.sum / self.count if self.count else 0.0

    def quantile(self, share: float) -> int:
        """The value below or at which this share of the values is, off by at most 1/STEPS of it; 0 without any.

        Args:
            share: from 0 to 1.
        """
        wanted = share * self.count
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                first, last = bounds(bucket)
                return min(max((first + last) // 2, self.least), self.greatest)
        return self.greatest


def bucket_of(value: int) -> int:
    """The number of the bucket that a value is in."""
    shift = max(value.bit_length() - STEPS.bit_length(), 0)
    return shift * STEPS + (value >> shift)


def bounds(bucket: int) -> tuple[int, int]:
    """The least and the greatest value of a bucket."""
    shift = max(bucket // STEPS - 1, 0)
    first = (bucket - shift * STEPS) << shift
    return first, first + (1 << shift) - 1


