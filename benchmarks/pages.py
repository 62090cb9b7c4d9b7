"""The pages of docs/results: one question each, the answer in plain words, and the parts that show it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import answers
from benchmarks.report_ablations import ablations
from benchmarks.report_before_after import before_after
from benchmarks.report_bench import suite
from benchmarks.report_darts import proxies
from benchmarks.report_datasets import datasets
from benchmarks.report_devices import devices
from benchmarks.report_engine import engine
from benchmarks.report_export import exported
from benchmarks.report_few_labels import few_labels
from benchmarks.report_front import whole_fronts
from benchmarks.report_gpt import language_models
from benchmarks.report_hostile import hostile
from benchmarks.report_killed_searches import killed_searches
from benchmarks.report_leaderboard import leaderboard
from benchmarks.report_limits import limits
from benchmarks.report_measured_again import measured_again
from benchmarks.report_mnasnet import mnasnet
from benchmarks.report_own_data import own_data
from benchmarks.report_own_images import own_images
from benchmarks.report_published import published_cells
from benchmarks.report_reliability import reliability
from benchmarks.report_rivals import rivals
from benchmarks.report_robust import robust
from benchmarks.report_several_devices import several_devices
from benchmarks.report_spaces import spaces
from benchmarks.report_targets import targets
from benchmarks.report_uncertainty import uncertainty

Lines = Callable[[], list[str]]


@dataclass(frozen=True)
class Page:
    """One file of docs/results."""

    name: str
    """Of the file, without its ending."""
    question: str
    answer: Lines
    """A few sentences that a newcomer understands; what is measured in them is read from the result files."""
    parts: tuple[Lines, ...]
    """Functions that give sections, each from its result files."""


PAGES = (
    Page("targets", "What was promised, and is it so?", answers.targets, (targets,)),
    Page("spaces", "How good are samples, space by space?", answers.spaces, (spaces, before_after)),
    Page("limits", "Are limits kept, and is the rank right?", answers.limits, (limits, several_devices)),
    Page("searches", "How many look-ups does the best one take?", answers.searches, (suite("paper"), few_labels)),
    Page("leaderboard", "Who wins, on which benchmark?", answers.leaderboard, (leaderboard,)),
    Page("fronts", "How much of a trade-off is found?", answers.fronts, (whole_fronts, suite("constraints"), robust)),
    Page("rivals", "Is the generator worth having beside a predictor?", answers.rivals, (rivals,)),
    Page("certainty", "Are stated certainties true?", answers.certainty, (reliability, uncertainty, measured_again)),
    Page("devices", "What of a device that nobody knows?", answers.devices, (devices,)),
    Page("own-data", "What of data that nobody knows?", answers.own_data, (datasets, own_data, own_images)),
    Page("language-models", "What of language models?", answers.language_models, (language_models,)),
    Page("imagenet", "What of networks for ImageNet?", answers.imagenet, (mnasnet,)),
    Page("speed", "How fast is it?", answers.speed, (suite("speed"), engine)),
    Page("paper", "What does the paper's own method give?", answers.paper, (suite("samplers"),)),
    Page("ablations", "What does each part of the method give?", answers.ablations, (ablations,)),
    Page("networks", "Are the networks right?", answers.networks, (exported, published_cells, proxies)),
    Page("faults", "What happens when something breaks?", answers.faults, (killed_searches, hostile)),
)
