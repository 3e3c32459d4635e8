"""What both programs draw, so that they draw the same: SplitMix64 (Steele, Lea, Flood 2014).

A fit draws a Glorot weight per class and feature first, then in each epoch a Fisher-Yates shuffle of the samples and,
sample by sample, one number per feature for dropout.
"""
import numpy as np


def split_mix(state):
    while True:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        mixed = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 % 2**64
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB % 2**64
        yield mixed ^ mixed >> 31


def uniform(draws, *shape):
    return np.array([(next(draws) >> 40) / 2**24 for _ in range(np.prod(shape))]).reshape(shape)


def shuffled(draws, count):
    items = list(range(count))
    for last in range(count - 1, 0, -1):
        other = next(draws) * (last + 1) >> 64
        items[last], items[other] = items[other], items[last]
    return items
