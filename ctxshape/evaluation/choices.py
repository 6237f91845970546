"""The settings that `tune` compares: a preset, a budget and an order, as the pipeline that a file can describe."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

from ctxshape.core.pipeline import Pipeline
from ctxshape.core.protocols import Backend, Transform
from ctxshape.core.registry import meant
from ctxshape.errors import ConfigError, MissingExtra
from ctxshape.evaluation.report.summary import RAW
from ctxshape.presets import PRESETS, USE_EMBEDDER, USE_RERANKER
from ctxshape.spec import EmbedderLike, PipelineSpec, RerankerLike
from ctxshape.transforms.reorder import Reorder

Order = Literal["front", "back", "edges"]
ORDERS: tuple[Order, ...] = get_args(Order)
BUDGETS: tuple[int | None, ...] = (None, 256, 512)
_WORDS = {"front": "best first", "back": "best last", "edges": "best at both ends"}


class Choice(NamedTuple):
    """A preset with a budget (None: its own) and an order of the documents."""

    preset: str
    budget: int | None = None
    order: Order = "front"

    @property
    def name(self) -> str:
        """The setting in words.

        >>> Choice("raw").name, Choice("light", 512).name, Choice("light", None, "back").name
        ('raw', 'light, 512 tokens', 'light, best last')
        """
        budget = "" if self.budget is None else f", {self.budget:,} tokens"
        return f"{self.preset}{budget}" + (f", {_WORDS[self.order]}" if self.order != "front" else "")

    def pipeline(self, backend: Backend, embedder: EmbedderLike = None, reranker: RerankerLike = None) -> Pipeline:
        """Returns the pipeline of the setting, as a file describes it.

        Its steps count tokens with the default counter, since a file cannot name the model that answers: what is measured
        is what the file does.
        """
        models = {
            "embedder": embedder if self.preset in USE_EMBEDDER else None,
            "reranker": reranker if self.preset in USE_RERANKER else None,
        }
        made = PipelineSpec(preset=self.preset, budget=self.budget, backend=backend, **models).resolve()
        order = () if self.order == "front" else (Reorder(strategy=self.order),)
        return Pipeline(*map(_without_counter, made.steps), *order)


def choices(presets: Sequence[str], budgets: Sequence[int | None]) -> list[Choice]:
    """Returns `raw` and every preset with every budget, best first, each once.

    Raises ConfigError for a name that is no preset and a budget below 1.

    >>> [setting.name for setting in choices(["light"], [None, 256])]
    ['raw', 'light', 'light, 256 tokens']
    """
    for name in presets:
        if name not in PRESETS:
            close = meant(name, PRESETS)
            question = "" if close is None else f"; did you mean {close!r}?"
            raise ConfigError(f"there is no preset {name!r:.100}{question}; presets are: {', '.join(PRESETS)}")
    for budget in budgets:
        if budget is not None and budget < 1:
            raise ConfigError(f"a budget is {budget}; give at least 1 token, or none for the preset's own")
    shaped = [Choice(name, budget) for name in presets if name != RAW for budget in budgets]
    if not shaped:
        raise ConfigError(f"there is nothing to compare with raw; give presets, such as {', '.join(PRESETS)}, and budgets")
    return list(dict.fromkeys([Choice(RAW), *shaped]))


def in_orders(setting: Choice, orders: Sequence[Order]) -> list[Choice]:
    """Returns a setting and its copies in the other orders."""
    return list(dict.fromkeys([setting, *(setting._replace(order=order) for order in orders)]))


def checked_orders(names: Sequence[str]) -> list[Order]:
    """Returns the orders of these names. Raises ConfigError for an unknown one."""
    wrong = next((name for name in names if name not in ORDERS), None)
    if wrong is not None or not names:
        raise ConfigError(f"orders are {', '.join(names)!r:.100}; give some of: {', '.join(ORDERS)}")
    return [order for name in names for order in ORDERS if order == name]


def check_choices(
    compared: Sequence[Choice], backend: Backend, embedder: EmbedderLike = None, reranker: RerankerLike = None
) -> None:
    """Raises ConfigError for a setting that cannot be made or that a file cannot describe, before a model is loaded."""
    presets = {setting.preset for setting in compared}
    for option, given, users in (("embedder", embedder, USE_EMBEDDER), ("reranker", reranker, USE_RERANKER)):
        if given is not None and presets.isdisjoint(users):
            raise ConfigError(
                f"{option} is given, but the presets {', '.join(sorted(presets))} use none; leave it out, or add "
                f"{' or '.join(users)}"
            )
    if reranker is None and not presets.isdisjoint(USE_RERANKER):
        raise ConfigError(
            f"the preset {USE_RERANKER[0]!r} needs a reranker here, since a pipeline file cannot name the model that answers; "
            "give reranker (on the command line --reranker), or leave the preset out"
        )
    for setting in compared:
        try:
            setting.pipeline(backend, embedder, reranker).to_config()
        except ConfigError as error:
            raise ConfigError(f"a pipeline file cannot describe {setting.name!r}: {error}") from None


def default_presets(embedder: EmbedderLike = None, reranker: RerankerLike = None) -> tuple[str, ...]:
    """Returns the presets that the models at hand allow: `balanced` needs an embedder, `thorough` a reranker as well."""
    if embedder is None:
        try:
            PipelineSpec(preset="balanced").resolve()
        except MissingExtra:
            return ("light",)
    return ("light", "balanced") if reranker is None else ("light", "balanced", "thorough")


def _without_counter(step: Transform) -> Transform:
    component: Any = step
    return component.model_copy(update={"counter": None}) if getattr(step, "counter", None) is not None else step
