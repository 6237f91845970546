"""`shape_dataset`: a Ray dataset of questions and passages, shaped."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ctxshape import Backend, ConfigError, Embedder, MissingExtra, Reader, Scorer, TokenCounter
from ctxshape.adapting import PipelineLike
from ctxshape_ray.recipe import Recipe
from ctxshape_ray.worker import ShapeRows, Task
from ctxshape_ray.workers import Workers

if TYPE_CHECKING:
    from ray.data import Dataset

Table = Mapping[str, Any]  # a component by name: {"use": "llama_cpp", "model": "model.gguf"}


def shape_dataset(
    dataset: Dataset,
    *,
    question: str = "question",
    documents: str = "documents",
    prefix: str = "",
    preset: str = "light",
    budget: int | None = None,
    pipeline: PipelineLike | None = None,
    counter: TokenCounter | Table | None = None,
    embedder: Embedder | Table | str | None = None,
    reranker: Scorer | Table | str | None = None,
    backend: Backend | Table | None = None,
    reader: Reader | Table | None = None,
    workers: Workers | int | tuple[int, int | None] = Workers(),  # noqa: B008  a value
) -> Dataset:
    """The dataset with the columns of `output_schema`, lazily: nothing runs before it is consumed.

    `question` is a column of texts, `documents` one of lists: of texts, or of structs with `text`, `page_content` or
    `content`, best first. The other parameters are those of `ctxshape.shape`, and with a `backend` or a `reader` rows are
    answered, too, as by `ctxshape.ask`. A part may be a component, which is sent to the workers by its fields, or its
    table, which each worker opens for itself. `pipeline` may be a preset's name, a TOML file or its mapping, too.

    A row that has no result has an `error`, and its other new columns are null: no question, documents that are none, a
    budget in which nothing fits, a step that fails. What would befall every row ends the job: ConfigError, ModelError,
    an ImportError, an OSError. Mistakes that show without the workers are raised here.

    Rows keep their columns. They keep their order if `DataContext.execution_options.preserve_order` is set; else find
    them by a column of yours. What a row gets hangs on nothing but the row.
    """
    ray_data = _ray_data()
    if not isinstance(dataset, ray_data.Dataset):
        raise ConfigError(f"dataset is {type(dataset).__name__}; give a ray.data.Dataset, such as ray.data.read_parquet(…)")
    made = Workers.of(workers)
    recipe = Recipe(
        preset=preset,
        budget=budget,
        pipeline=pipeline,
        counter=counter,
        embedder=embedder,
        reranker=reranker,
        backend=backend,
        reader=reader,
        threads=made.threads,
    )
    task = Task(recipe.checked(), question, documents, prefix, made.at_once, made.tries)
    schema = dataset.schema(fetch_if_missing=False)
    if schema is not None:
        task.check_columns(schema.names)
    return dataset.map_batches(
        ShapeRows,
        fn_constructor_args=(_pickled(task),),
        batch_format="pyarrow",
        batch_size=made.batch_size,
        compute=ray_data.ActorPoolStrategy(min_size=made.least, max_size=made.most),
        num_cpus=made.num_cpus,
        num_gpus=made.num_gpus,
        memory=made.memory,
        udf_modifying_row_count=False,
        **made.options,
    )


def _pickled(task: Task) -> bytes:
    """The task for the workers; what cannot be sent is found here. Functions of a script are sent by value."""
    from ray import cloudpickle

    try:
        sent: bytes = cloudpickle.dumps(task)
    except (TypeError, pickle.PicklingError, AttributeError) as error:
        raise ConfigError(
            f"a part of the pipeline, backend or reader cannot be sent to the workers: {error}; give its table, "
            '{"use": name, …}, or a component that is made of plain values'
        ) from None
    return sent


def _ray_data() -> ModuleType:
    try:
        import ray.data
    except ImportError as error:
        if error.name is None or error.name.split(".")[0] not in ("ray", "pandas", "pyarrow"):
            raise
        raise MissingExtra("shape_dataset needs Ray Data. Install it with: pip install 'ray[data]>=2.60'") from None
    data: ModuleType = ray.data
    return data
