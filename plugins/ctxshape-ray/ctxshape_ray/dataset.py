"""`shape_dataset`: a Ray dataset of questions and passages, shaped."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ctxshape import ConfigError, MissingExtra, Reader
from ctxshape.core.reach import Allow, allowed
from ctxshape.spec import BackendLike, CounterLike, EmbedderLike, PipelineLike, RerankerLike
from ctxshape_ray.recipe import Recipe
from ctxshape_ray.worker import ShapeRows, Task
from ctxshape_ray.workers import Workers

if TYPE_CHECKING:
    from ray.data import Dataset


def shape_dataset(
    dataset: Dataset,
    *,
    question: str = "question",
    documents: str = "documents",
    prefix: str = "",
    preset: str | None = None,
    pipeline: PipelineLike | None = None,
    budget: int | None = None,
    embedder: EmbedderLike | None = None,
    reranker: RerankerLike | None = None,
    counter: CounterLike | None = None,
    backend: BackendLike | None = None,
    reader: Reader | Mapping[str, Any] | None = None,
    allow: Allow = (),
    workers: Workers | int | tuple[int, int | None] = Workers(),  # noqa: B008  a value
) -> Dataset:
    """Returns the dataset with the columns of `output_schema`, lazily: nothing runs before it is consumed.

    `question` is a column of texts. `documents` is a column of lists, best first: of texts, or of structs with `text`,
    `page_content` or `content`. The other parameters are those of `ctxshape.shape`. With a `backend` or a `reader` rows
    are answered, too, as by `ctxshape.ask`. A part may be a component, which is sent to the workers by its fields, or its
    table, `{"use": "llama_cpp", "model": "model.gguf"}`, which each worker opens if `allow` permits what it reaches: here
    `allow="reads"`.

    A row without a result has an `error`, and its other new columns are null: no question, no list of documents, a budget
    in which nothing fits, a step that fails. An error that every row would meet ends the job: ConfigError, ModelError,
    an ImportError, an OSError. Mistakes that show without the workers are raised here.

    Rows keep their columns. They keep their order if `DataContext.execution_options.preserve_order` is set; otherwise
    find them by a column of yours. The result of a row depends on that row alone.
    """
    ray_data = _ray_data()
    if not isinstance(dataset, ray_data.Dataset):
        raise ConfigError(f"dataset is {type(dataset).__name__}; give a ray.data.Dataset, such as ray.data.read_parquet(…)")
    pool = Workers.of(workers)
    recipe = Recipe(
        preset=preset,
        pipeline=pipeline,
        budget=budget,
        embedder=embedder,
        reranker=reranker,
        counter=counter,
        backend=backend,
        reader=reader,
        allow=allowed(allow),
        threads=pool.threads,
    )
    task = Task(recipe.prepared(), question, documents, prefix, pool.at_once, pool.tries)
    schema = dataset.schema(fetch_if_missing=False)
    if schema is not None:
        task.check_columns(schema.names)
    return dataset.map_batches(
        ShapeRows,
        fn_constructor_args=(_pickled(task),),
        batch_format="pyarrow",
        batch_size=pool.batch_size,
        compute=ray_data.ActorPoolStrategy(min_size=pool.least, max_size=pool.most),
        num_cpus=pool.num_cpus,
        num_gpus=pool.num_gpus,
        memory=pool.memory,
        udf_modifying_row_count=False,
        **pool.options,
    )


def _pickled(task: Task) -> bytes:
    """The task for the workers. Functions of a script are sent by value. Raises ConfigError for a part that cannot be sent."""
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
