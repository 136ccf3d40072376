"""Variants that do not do the same work."""


def bad(size):
    return size


def good(size):
    return size + 1


def run(variant, size, probe):
    with probe.measuring():
        return variant(size)
