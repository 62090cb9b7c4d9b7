"""Experiments and tables of ``dinas bench``: groups over seeds, means with deviations."""

from __future__ import annotations

from dinas_cli.bench.experiments import grouped, mean_sd


def test_seeds_of_one_cell_are_grouped_in_order() -> None:
    results = {"a/x/seed0": {"v": 1}, "b/true front": {"v": 5}, "a/x/seed1": {"v": 2}, "a/sowing": {"v": 3}}
    assert grouped(results) == {"a/x": [{"v": 1}, {"v": 2}], "b/true front": [{"v": 5}], "a/sowing": [{"v": 3}]}


def test_means_leave_out_what_is_missing() -> None:
    assert mean_sd([94.0, None, 95.0, float("nan")]) == "94.50 ± 0.50"
    assert mean_sd([None]) == mean_sd([]) == "–"


def test_small_numbers_get_more_digits() -> None:
    assert mean_sd([-0.5801, -0.5803]) == "-0.5802 ± 0.0001"
    assert mean_sd([16.0], 0) == "16 ± 0"
