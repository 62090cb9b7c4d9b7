"""What each page of docs/results says first, in plain words; every figure in it is read from the result files."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import numpy as np

from benchmarks.markdown import checked, parts, result, suite_results, wrapped
from benchmarks.report_gpt import METHODS as GPT_METHODS
from benchmarks.report_spaces import measured_spaces
from dinas_cli.bench.experiments import grouped
from dinas_cli.bench.suites.paper_tables import found_after
from dinas_cli.spaces.registry import get_space

Lines = Callable[[], list[str]]


def answer(say: Callable[[], str]) -> Lines:
    """Lines of at most 112 characters."""
    return wraps(say)(lambda: wrapped(say()))


@answer
def targets() -> str:
    """How many are met."""
    from benchmarks.report_targets import TARGETS

    said = [target.row()[-1] for target in TARGETS]
    met = said.count("met")
    return (
        f"{met} of {len(said)} targets are met, {len(said) - met} are missed. Those that are missed say by how much, "
        "and why."
    )


@answer
def spaces() -> str:
    """Validity, and where the rank is judged by what training never saw."""
    found = list(measured_spaces().values())
    valid = min(data["summary"]["valid"]["mean"] for data in found)
    tops = [data["summary"]["top"]["mean"] for data in found if data["truth"] == "table"]
    share = "all samples" if valid == 1 else f"{100 * valid:.1f} % or more of all samples"
    return (
        f"In {len(found)} search spaces {share} keep the rules of their space. Of "
        f"those asked for the best 5 %, between {100 * min(tops):.0f} % and {100 * max(tops):.0f} % are among them by "
        f"the benchmark's own table, in the {len(tops)} spaces whose table is complete; one in twenty would be by "
        "chance. Elsewhere only a part can be checked, and the page says by whom. Language cells (nlp) are the "
        "weakest."
    )


@answer
def limits() -> str:
    """Limits and ranks on all devices of NAS-Bench-201."""
    known, new = (result(name)["summary"] for name in ("constraints", "unseen"))
    return (
        f"Before any check {_share(known['within'])} of the samples keep to the latency limit that they were asked for "
        f"and {_share(known['top'])} are in the top 5 % of what does; of what the tool then returns, "
        f"{_share(known['returned_within'])} and {_share(known['returned_top'])}. On devices that training never saw, "
        f"described by a few dozen measurements, it is {_share(new['returned_within'])} and "
        f"{_share(new['returned_top'])}. Tight limits on noisy devices are the hard case: "
        f"{known['cells_with_nothing_returned']} of {known['cells']} requests there got no answer that is sure enough."
    )


@answer
def searches() -> str:
    """Look-ups until the table's best, labels counted or not."""
    groups = grouped(suite_results("paper").experiments)
    datasets = get_space("nasbench201").datasets
    ours, whole = (
        " / ".join(found_after(groups[f"nasbench201@{dataset}/H {method}"]) for dataset in datasets)
        for method in ("dinas", "predictor on the whole space")
    )
    return (
        "With trained weights 16 look-ups find the best architecture of NAS-Bench-201 on all three data sets. That "
        "does not count the labels that training saw. When every label is counted as a look-up, it takes "
        f"{ours} of them (CIFAR-10 / CIFAR-100 / ImageNet16-120; in brackets how many searches got there within 200). "
        f"A predictor that ranks the whole space does as well without a generator: {whole}."
    )


@answer
def leaderboard() -> str:
    """Wins, ties and losses at the middle number of look-ups."""
    from benchmarks.leaderboard import LOOK_UPS, counts

    found = counts(suite_results("paper").experiments)
    several = []
    for name, each in found.items():
        first, last = (" / ".join(map(str, each[count])) for count in (LOOK_UPS[1], LOOK_UPS[-1]))
        several.append(f"{name} {first} at {LOOK_UPS[1]} look-ups and {last} at {LOOK_UPS[-1]}")
    return (
        "With every label counted as a look-up, searches guided by the same predictor without a generator are a match; "
        f"what uses no predictor falls behind as look-ups grow. Wins / ties / losses against {'; '.join(several)}."
    )


@answer
def fronts() -> str:
    """Hypervolume of fronts, beside searches."""
    groups = grouped(suite_results("constraints").experiments)
    means: dict[str, list[float]] = {}
    for key, runs in groups.items():
        method = key.partition("/")[2]
        if all("share" in run for run in runs):
            means.setdefault(method, []).append(float(np.mean([run["share"] for run in runs])))
    robust = result("robust")["devices"].values()
    three = np.mean([device["dinas"]["mean"] for device in robust])
    told = ", ".join(
        f"{name} {100 * np.mean(means[name]):.1f} %"
        for name in ("guided search", "evolution", "NSGA-II", "random search")
        if name in means
    )
    return (
        f"With 200 look-ups the fronts of accuracy and latency have {100 * np.mean(means['dinas']):.1f} % of the true "
        f"front's hypervolume, on average over {len(means['dinas'])} devices and data sets ({told}). With accuracy "
        f"under attack as a third goal and 100 look-ups it is {100 * three:.1f} %. In a space as small as "
        "NAS-Bench-201 ranking everything by the predictor does as well."
    )


@answer
def rivals() -> str:
    """Where samples beat a search on the same predictor."""
    return (
        "In spaces small enough to be listed, no: a predictor that ranks everything there is finds the same "
        "architectures in less than a second. In larger ones drawn samples are ahead of random cells, and "
        "evolution on the same predictor is a match with the same CPU time, ahead in some places and behind in "
        "others. What samples give besides is variety, and any mixture of limits at once."
    )


@answer
def certainty() -> str:
    """Stated against true probabilities."""
    told = result("reliability")
    shipped, new = told["shipped"]["summary"], told["new"]["summary"]
    sure = told["shipped"]["reliability"]["between"]["0.98"]["true"]
    again = result("measured_again")["runs"]
    cells = [limit for run in again for limit in run["limits"].values()]
    kept, all_cells = (sum(limit[name] for limit in cells) for name in ("kept", "cells"))
    return (
        f"Nearly. What is stated to keep to a limit with a probability of 98 % does so in {100 * sure:.1f} % of the "
        f"cases on known devices. Of what requests return, {100 * shipped['within']:.1f} % keep to the limit where "
        f"{100 * shipped['stated']:.1f} % were stated, and on new devices {100 * new['within']:.1f} % where "
        f"{100 * new['stated']:.1f} % were. Measured again on the machine that they were generated for, {kept} of "
        f"{all_cells} kept to it."
    )


@answer
def devices() -> str:
    """Rank correlation on devices left out, by measurements."""
    columns = result("devices")["columns"].values()
    mean = {count: np.mean([c[count]["ours"]["mean"] for c in columns]) for count in ("10", "20", "48")}
    boards = np.mean([c["48"]["ours"]["mean"] for c in columns if c["fold"] == "boards"])
    return (
        "Ten measured networks describe a device that training never saw well enough for a mean rank correlation of "
        f"{mean['10']:.2f} with its real latencies, 20 for {mean['20']:.2f}. Boards are the hard case "
        f"({boards:.2f} with 48), GPUs and accelerators the easy one. A measurement that is wrong by a factor of three "
        "is found and left out."
    )


@answer
def own_data() -> str:
    """Trainings until the best 1 %, and real images."""
    cases = [case for key, case in result("own_data")["cases"].items() if "/" not in key]
    hits = {
        name: np.mean([first is not None for case in cases for first in case["methods"][name]["first"]["1"]])
        for name in ("dinas", "random")
    }
    return (
        "What a space's known data sets have in common is a good start on a new one, and a few labels of its own "
        f"correct it. In simulated searches on {len(cases)} data sets that were left out, {100 * hits['dinas']:.0f} % "
        f"of the searches found one of the best 1 % within 48 trainings, {100 * hits['random']:.0f} % of the random "
        "ones did. On real images of small sets, where most networks are about as good, the gain over random "
        "networks is within the noise."
    )


@answer
def imagenet() -> str:
    """What mnasnet.json holds."""
    told = result("mnasnet")["mnasnet"]
    ours, evolved = (
        {
            key: np.mean([found[name][key]["mean"] for found in told["limits"].values() if key in found[name]])
            for key in ("within", "top")
        }
        for name in ("dinas generate", "evolution")
    )
    _, kept = checked(told["limits"].values())
    return (
        f"The surrogate ranks accuracies that it has not seen with a Kendall tau of {told['surrogate']['acc']:.2f}. Of "
        f"networks never seen that the tool takes to keep a limit on an accelerator, {100 * kept:.1f} % do, as "
        f"measured. Of what is generated under such limits a judge that is itself off by some percent takes "
        f"{100 * ours['within']:.0f} % to keep them and {100 * ours['top']:.0f} % to be in the top 5 % of what does; "
        f"of what evolution on the same surrogate finds in two seconds {100 * evolved['within']:.0f} % and "
        f"{100 * evolved['top']:.0f} %."
    )


@answer
def language_models() -> str:
    """What gpt.json holds."""
    found = dict(parts(result("gpt")))
    known = {name: part for name, part in found.items() if "devices" not in part}
    limits = [limit for part in known.values() for limit in part["limits"].values()]
    ours, best, rival = ([limit[name] for limit in limits] for name in GPT_METHODS)
    within = min(each["within"]["mean"] for each in ours + best if "within" in each)
    closer = [one["regret"]["mean"] - other["regret"]["mean"] for one, other in zip(best, rival, strict=True)]
    price = float(np.median([limit["sure_optimum"] - limit["optimum"] for limit in limits]))
    regret = float(np.median([each["regret"]["mean"] for each in best]))
    text = (
        f"Requests for {', '.join(known)} under {len(limits)} limits are judged by an additive fit to labels that no "
        f"part of the tool has seen. Of what is returned {100 * within:.0f} % or more keep the limit. The best that is "
        f"found lies {regret:.2f} above the judge's own optimum in the median of the limits, of which the certainty of "
        f"keeping noisy limits costs {price:.2f}; where a limit leaves only the smallest of the wider models it is up "
        f"to {max(each['regret']['mean'] for each in best):.1f}. Evolution on the same predictor is better by more "
        f"than 0.05 under {sum(gap > 0.05 for gap in closer)} of the limits, worse under "
        f"{sum(gap < -0.05 for gap in closer)}."
    )
    for part in found.values():
        if "devices" in part:
            kept, best_kept = (
                100 * float(np.mean([limit[name]["within"]["mean"] for limit in part["limits"].values()]))
                for name in GPT_METHODS[:2]
            )
            text += (
                f" On devices that training never saw ({', '.join(part['devices'])}; {part['measured']} measurements "
                f"each), {kept:.0f} % keep the limit when the top 5 % are asked for; of the very "
                f"best {best_kept:.0f} %."
            )
    return text


@answer
def speed() -> str:
    """Per architecture and per process."""
    found = suite_results("speed").experiments
    batch, start = found["nasbench201/batch1000"], found["nasbench201/start"]
    return (
        f"One architecture of NAS-Bench-201 takes {batch['ours_ms']:.2f} ms on one CPU core in a large batch; the "
        f"paper's configuration, with its 500 calls of a larger network, {batch['ratio']:,.0f} times as long. A "
        f"whole `dinas generate -n 16`, from the prompt to the answer, takes {start['ratio']:.2f} times as long as "
        "importing torch, which it does without."
    )


@answer
def paper() -> str:
    """The paper's method, trained and sampled here."""
    groups = grouped(suite_results("samplers").experiments)
    problem = next(iter(groups)).partition("/")[0]
    tops = {
        method: 100 * np.mean([run["top"] for run in groups[f"{problem}/{method}/own"]])
        for method in ("paper", "default")
    }
    return (
        f"Trained here as the paper describes, its method puts {tops['paper']:.0f} % of the samples into the top 5 % "
        f"on {problem}, ours {tops['default']:.0f} %, with a small part of the network calls. The tables change "
        "one thing at a time: kernel, size, calls, guidance."
    )


@answer
def ablations() -> str:
    """The parts that give most, and one that gives little."""
    study = result("study")
    guided, plain = (100 * study["guidance"][weight]["top"]["mean"] for weight in ("2.0", "0.0"))
    returned, raw = (100 * study["confidence"]["0.98"][name]["mean"] for name in ("returned_within", "within"))
    trained = result("variants")["known devices"]
    exact, drawn = (100 * trained[name]["returned_top"]["mean"] for name in ("all parts", "one-hot targets"))
    told, deaf = (100 * trained[name]["top"]["mean"] for name in ("all parts", "no descriptor of the device"))
    return (
        f"Descriptors of devices give most: of raw samples under a limit {told:.0f} %, not {deaf:.0f} %, are in the "
        f"top 5 %; then guidance ({guided:.0f} % for {plain:.0f} %). The check takes what is within a limit from "
        f"{raw:.1f} % to {returned:.1f} %. The absorbing kernel and the smaller network give speed, not quality, and "
        f"exact targets alone give little: {exact:.1f} % for {drawn:.1f} % returned in the top 5 %."
    )


@answer
def networks() -> str:
    """Exact counts, exported files, published figures."""
    tables = [column for _, part in parts(result("counts")) for column in part["tables"].values()]
    gap = max(part["largest_gap"] for _, part in parts(result("export")))
    printed = result("published")["networks"]
    same = sum(found["params_agree"] for found in printed)
    rows, exact = (sum(column[name] for column in tables) for name in ("rows", "exact"))
    return (
        f"Parameter counts agree with the benchmarks' tables in {100 * exact / rows:.1f} % of {rows:,} rows. Exported "
        f"sources compute what the built networks do (largest difference {gap:.0e}). Of {len(printed)} cells that "
        f"papers published, {same} have the printed number of parameters; the page says what is known of the others."
    )


@answer
def faults() -> str:
    """Killed searches, inputs that no user means."""
    killed, hostile = result("killed_searches"), result("hostile")
    tried, failing = (sum(door[name] for door in hostile["doors"].values()) for name in ("tried", "failing"))
    kills = killed["local"]["kills"] + killed["ray"]["kills"] + killed["ray"]["driver_kills"]
    results = killed["local"]["results"] + killed["ray"]["results"]
    return (
        f"Searches go on: with {kills} kills of workers, nodes and drivers at random moments, all {results} trials "
        f"ended with exactly one result. Of {tried:,} inputs that no user means, {failing} ended otherwise than with "
        "an answer or one clear error."
    )


def _share(value: dict[str, float]) -> str:
    return f"{100 * value['mean']:.1f} %"
