"""The statistics, on synthetic data with known answers."""

import random

import pytest

from blockcheck.bench.intervals import Interval, is_unstable, median, median_of_processes, ratio
from blockcheck.bench.metrics import percentile, written
from blockcheck.bench.summary import CHEAPER, COSTS, INDISTINCT, NEGLIGIBLE, TOO_FEW, judge


def processes(rng, count, scale=1.0, between=0.05, within=0.02):
    return [
        [factor * rng.lognormvariate(0, within) for _ in range(3)]
        for factor in (scale * rng.lognormvariate(0, between) for _ in range(count))
    ]


def test_median_of_processes_weighs_each_process_once():
    assert median([3, 1, 2]) == 2
    assert median([4, 1, 2, 3]) == 2.5
    assert median_of_processes([[1, 1, 1, 1, 1], [5], [9]]) == 5


@pytest.mark.parametrize("count", [3, 5, 9, 25])
def test_equal_variants_are_told_equal_at_least_95_times_of_100(count):
    rng = random.Random(count)
    trials = 200
    hits = sum(
        ratio(processes(rng, count), processes(rng, count), 200, rng).includes(1.0) for _ in range(trials)
    )
    assert hits >= 0.95 * trials


def test_a_real_difference_is_found_and_estimated():
    rng = random.Random(7)
    found = ratio(processes(rng, 7, scale=2.0), processes(rng, 7), 1000, rng)
    assert 1.8 < found.ratio < 2.2
    assert 1.0 < found.low <= found.ratio <= found.high
    assert judge(found, 7, 1.05) == COSTS


def test_an_outlier_stays_in_the_data_and_widens_the_interval():
    rng = random.Random(8)
    calm = [[1.0], [1.01], [0.99], [1.0]]
    wild = [[1.0], [1.01], [0.99], [9.0]]
    assert ratio(wild, calm, 1000, rng).high > ratio(calm, calm, 1000, rng).high + 1


def test_few_processes_give_more_than_the_range_of_their_values():
    found = ratio([[2.0], [2.1], [2.2]], [[1.0], [1.1], [1.2]], 500, random.Random(1))
    assert found.low < 2.0 / 1.2
    assert found.high > 2.2 / 1.0


def test_the_same_seed_gives_the_same_interval():
    sides = processes(random.Random(1), 5), processes(random.Random(2), 5)
    assert ratio(*sides, 300, random.Random(3)) == ratio(*sides, 300, random.Random(3))


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [([], [[1.0]]), ([[1.0]], []), ([[1.0]], [[0.0]]), ([[1.0]], [[1.0], [0.0], [1.0]])],
)
def test_no_ratio_where_there_is_nothing_to_divide_by(numerator, denominator):
    assert ratio(numerator, denominator, 10, random.Random(1)) is None


def test_verdicts():
    clear = Interval(2.0, 1.8, 2.2)
    assert judge(clear, 5, 1.1) == COSTS
    assert judge(Interval(0.5, 0.4, 0.6), 5, 1.1) == CHEAPER
    assert judge(Interval(1.2, 0.9, 1.5), 5, 1.0) == INDISTINCT
    assert judge(clear, 2, 1.1) == TOO_FEW
    assert judge(Interval(1.05, 1.04, 1.06), 5, 1.01) == NEGLIGIBLE
    # However narrow the interval: the A/A pair differed as much by noise alone.
    assert judge(Interval(1.05, 1.04, 1.06), 5, 1.1) == INDISTINCT


def test_reach():
    assert Interval(1.0, 0.8, 1.1).reach == pytest.approx(1.25)


def test_instability_is_a_disagreement_of_processes_not_of_values():
    assert is_unstable([[1.0], [1.0], [1.6]])
    assert not is_unstable([[1.0, 9.0, 1.0], [1.0, 1.0, 9.0]])


def test_percentiles_and_numbers():
    values = list(range(1, 1001))
    assert [percentile(values, share) for share in (0.5, 0.99, 0.999, 1.0)] == [500, 990, 999, 1000]
    assert percentile([7.0], 0.99) == 7.0
    assert [written(value, "s") for value in (1.5, 0.0123, 4.2e-5)] == ["1.50 s", "12.3 ms", "42 µs"]
    assert written(3 * 2**20, "B") == "3 MiB"
    assert written(0.384, "share") == "38%"
    assert written(None, "s") == "–"
