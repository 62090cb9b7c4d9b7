"""``dinas train``: surrogate and generator of a space from benchmark files, with one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from dinas_cli.cli.options import ForceOption, JsonOption, QuietOption, SeedOption, SpaceOption
from dinas_cli.spaces.registry import DEFAULT_SPACE

FEW_HELD_OUT = 20
"""Held-out architectures below which their agreement is mostly chance."""

DataOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--data", metavar="PATH", help="Benchmark file or folder of them, may be repeated (default: the table)."
    ),
]
RunOption = Annotated[
    Path | None,
    typer.Option("--run", metavar="PATH", help="Labels of your own: a run of dinas search, or a file of records."),
]
OutOption = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for weights, state and log, made if need be.")
]
SizeOption = Annotated[
    Literal["compact", "slim", "paper"], typer.Option("--size", help="Size of the generator's network.")
]
KernelOption = Annotated[Literal["absorbing", "marginal"], typer.Option("--kernel", help="Noise kernel.")]
TrainSteps = Annotated[int, typer.Option("--steps", min=1, metavar="INT", help="Steps of the generator.")]
SurrogateSteps = Annotated[
    int, typer.Option("--surrogate-steps", min=1, metavar="INT", help="Steps of each part of the surrogate.")
]
RequestsOption = Annotated[
    int, typer.Option("--requests", min=1, metavar="INT", help="Requests per step of the generator.")
]
HoldoutOption = Annotated[
    float, typer.Option("--holdout", min=0.0, max=0.95, metavar="SHARE", help="Share of labels never trained on.")
]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option("--without-device", metavar="NAME", help="Leave a device out, may be repeated."),
]
HalfOption = Annotated[bool, typer.Option("--half", help="Store weights in half precision: half the size.")]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with an unfinished training.")]


def command(
    context: typer.Context,
    out: OutOption,
    space: SpaceOption = DEFAULT_SPACE,
    data: DataOption = None,
    run: RunOption = None,
    size: SizeOption = "compact",
    kernel: KernelOption = "absorbing",
    steps: TrainSteps = 20_000,
    surrogate_steps: SurrogateSteps = 12_000,
    requests: RequestsOption = 128,
    holdout: HoldoutOption = 0.1,
    without_device: WithoutOption = None,
    half: HalfOption = False,
    seed: SeedOption = 0,
    resume: ResumeOption = False,
    force: ForceOption = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train the surrogate, then the generator, of one space.

    Needs the extra train (pip install 'dinas[train]'). The folder receives SPACE-surrogate.safetensors,
    SPACE.safetensors and SPACE.log.jsonl. Interrupting keeps what is done; --resume goes on from there, to the same
    weights. With --run the labels are what networks reached that you have trained, fifty of them at least besides those
    held out.
    """
    from dinas_cli.cli.output import Sink
    from dinas_cli.cli.recorded import recorded
    from dinas_cli.files.atomic import expanded
    from dinas_cli.generation.summary import agreement
    from dinas_cli.search.runs.labels import labels_of
    from dinas_cli.spaces.registry import get_space

    need_extra()
    from dinas_cli.training.generator import TrainingConfig
    from dinas_cli.training.run import train

    sink = Sink.open(json=json, quiet=quiet, summary=True)
    target = get_space(space)
    config = TrainingConfig(steps=steps, requests=requests, kernel=kernel, size=size, seed=seed)
    try:
        with bars(sink) as progress:
            outcome = train(
                target,
                out,
                config,
                files=data or [],
                labels=None if run is None else labels_of(target, expanded(run)),
                holdout=holdout,
                without_devices=without_device or [],
                surrogate_steps=surrogate_steps,
                half=half,
                command=recorded(context),
                resume=resume,
                force=force,
                progress=progress,
                left_out=lambda file, reason: sink.say(f"passed over: {file}: {reason}"),
            )
    except KeyboardInterrupt:
        if any(expanded(out).glob(f"{target.name}*.safetensors")):
            sink.warn(f"interrupted: what is done is kept in {out}; repeat the command with --resume to go on")
        else:
            sink.warn("interrupted before anything was worth keeping")
        raise
    sink.details(
        {
            "generator": str(outcome.generator),
            "surrogate": str(outcome.surrogate),
            "label_budget": outcome.label_budget,
            "steps": outcome.steps,
            "kendall_tau": outcome.kendall_tau,
        }
    )
    if outcome.kendall_tau:
        unseen = outcome.held_out
        sink.say(f"the surrogate agrees on {unseen:,} held-out architectures {agreement(outcome.kendall_tau, target)}")
        if unseen < FEW_HELD_OUT:
            sink.warn(f"{unseen} held-out architectures are too few for τ to say much; --holdout holds out more")
    sink.say(f"now: dinas generate --checkpoint {outcome.generator}")


def need_extra() -> None:
    """Raise :class:`NotFoundError` naming the extra before any work when a package of it is missing."""
    from dinas_cli.errors import need_packages

    packages = {"torch-geometric": "torch_geometric", "scipy": "scipy", "scikit-learn": "sklearn"}
    need_packages("training", "train", packages)


@contextmanager
def bars(sink: Any) -> Iterator[Any]:
    """One progress bar per phase; where there is no terminal, a line per tenth of a phase."""
    from contextlib import ExitStack

    state: dict[str, Any] = {"phase": None, "bar": None, "tenth": -1}
    with ExitStack() as stack:
        inner = ExitStack()
        stack.callback(lambda: inner.close())

        def progress(phase: str, step: int, steps: int, loss: float) -> None:
            if phase != state["phase"]:
                inner.close()
                state.update(phase=phase, tenth=-1, bar=inner.enter_context(sink.progress(phase, total=steps)))
            state["bar"].update(step, f"loss {loss:.4f}")
            tenth = 10 * step // steps
            if not sink.stderr.isatty() and tenth > state["tenth"]:
                state["tenth"] = tenth
                sink.say(f"{phase}: step {step} of {steps}, loss {loss:.4f}")

        yield progress
