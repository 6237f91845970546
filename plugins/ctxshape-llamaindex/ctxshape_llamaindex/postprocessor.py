"""ctxshape as LlamaIndex's node postprocessor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from llama_index.core.callbacks import CallbackManager
from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, ImageNode, MetadataMode, Node, NodeWithScore, QueryBundle, TextNode
from pydantic import FieldSerializationInfo, PrivateAttr, field_serializer

from ctxshape import InvalidInput, Pipeline, PipelineSpec
from ctxshape.adapting import KEY, Incoming, Outgoing, Shaped, common_entries, metadata_of, restructure
from ctxshape.core.reach import Allow
from ctxshape.spec import BackendLike, CounterLike, EmbedderLike, PipelineLike, RerankerLike

_dispatcher = get_dispatcher(__name__)


class ShapeEvent(BaseEvent):  # type: ignore[misc]
    """The outcome of one shaping: the reason of every dropped node by its id, hints for the prompt, and the steps."""

    query: str
    dropped: dict[str, str]
    hints: list[str]
    trace: dict[str, Any]

    @classmethod
    def class_name(cls) -> str:
        """Returns the event's name."""
        return "ShapeEvent"


class CtxshapePostprocessor(BaseNodePostprocessor):  # type: ignore[misc]
    """Shapes retrieved nodes, best first, for a query; the nodes given stay as they are.

    The options are those of `ctxshape.shape`; the first, `pipeline`, may also be a preset's name. `budget` does not count
    metadata other than the title. Returns copies with ids, metadata, relationships and scores kept.
    `metadata["ctxshape"]` holds the spans in the given texts, the kind ("quote" or "rewrite") and notes, and is shown
    neither to the LLM nor to an embedding model. Nodes that hold an image, a sound or a video pass through, last. `shaped`
    also returns the trace. `allow` is what tables and pipeline files may reach; it is not serialised. Every run sends a
    ShapeEvent to LlamaIndex's instrumentation. Raises ConfigError when it is made, and InvalidInput without a query.

    >>> nodes = [NodeWithScore(node=TextNode(text=text)) for text in ("Emma is by Jane Austen.", "Emma is by Jane Austen.")]
    >>> [item.node.text for item in CtxshapePostprocessor().postprocess_nodes(nodes, query_str="Who wrote Emma?")]
    ['Emma is by Jane Austen.']
    """

    pipeline: Any = None
    preset: str | None = None
    budget: int | None = None
    embedder: Any = None
    reranker: Any = None
    counter: Any = None
    backend: Any = None
    _spec: PipelineSpec = PrivateAttr()
    _steps: Pipeline = PrivateAttr()

    def __init__(
        self,
        pipeline: PipelineLike | None = None,
        *,
        preset: str | None = None,
        budget: int | None = None,
        embedder: EmbedderLike | None = None,
        reranker: RerankerLike | None = None,
        counter: CounterLike | None = None,
        backend: BackendLike | None = None,
        allow: Allow = (),
        callback_manager: CallbackManager | None = None,
    ) -> None:
        options = {"pipeline": pipeline, "preset": preset, "budget": budget, "embedder": embedder}
        options |= {"reranker": reranker, "counter": counter, "backend": backend}
        spec = PipelineSpec(**options, allow=allow)
        steps = spec.resolve()
        super().__init__(**options, **({"callback_manager": callback_manager} if callback_manager else {}))
        self._spec, self._steps = spec, steps

    @classmethod
    def class_name(cls) -> str:
        """Returns the component's name in LlamaIndex's serialised form."""
        return "CtxshapePostprocessor"

    @classmethod
    def from_dict(cls, data: dict[str, Any], allow: Allow = (), **kwargs: Any) -> Self:  # noqa: ANN401
        """Returns the component that `to_dict` wrote. Raises ConfigError for one that reaches more than `allow` permits."""
        PipelineSpec.from_config({name: data[name] for name in PipelineSpec.model_fields if name in data}, allow=allow)
        made: Self = super().from_dict(data, allow=allow, **kwargs)
        return made

    def shaped(self, query: str, nodes: Sequence[NodeWithScore]) -> Shaped[NodeWithScore]:
        """Returns the nodes, and the ctxshape context they came from: its trace, dropped nodes, hints.

        >>> nodes = [NodeWithScore(node=TextNode(text="Emma is by Jane Austen.", id_=id)) for id in "ab"]
        >>> CtxshapePostprocessor().shaped("Who wrote Emma?", nodes).context.trace.dropped
        {'b': "DropDuplicates: exact duplicate of 'a'"}
        """
        return restructure(self._steps, query, nodes, _read, _write)

    def _postprocess_nodes(self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None) -> list[NodeWithScore]:
        if query_bundle is None:
            raise InvalidInput("CtxshapePostprocessor needs the query; give query_bundle or query_str")
        result = self.shaped(query_bundle.query_str, nodes)
        trace = result.context.trace
        event = ShapeEvent(
            query=query_bundle.query_str,
            dropped=trace.dropped,
            hints=list(result.context.hints),
            trace=trace.model_dump(mode="json"),
        )
        _dispatcher.event(event)
        return result.documents

    @field_serializer("pipeline", "embedder", "reranker", "counter", "backend")
    def _plain(self, _: object, info: FieldSerializationInfo) -> Any:  # noqa: ANN401  text or a table, as YAML can hold it
        return self._spec.to_config().get(info.field_name)


def _read(item: NodeWithScore) -> Incoming:
    node = item.node
    text = node.get_content(MetadataMode.NONE) if _is_text(node) else None
    return Incoming(node.node_id, text, node.metadata, item.score)


def _is_text(node: BaseNode) -> bool:
    if isinstance(node, Node):
        return node.text_resource is not None and not (node.image_resource or node.audio_resource or node.video_resource)
    return isinstance(node, TextNode) and not isinstance(node, ImageNode)


def _write(item: Outgoing, originals: Sequence[NodeWithScore]) -> NodeWithScore:
    nodes = [one.node for one in originals]
    update = {
        "metadata": metadata_of(item, [node.metadata for node in nodes]),
        "relationships": common_entries([node.relationships for node in nodes]),
        # LlamaIndex writes metadata above a node's text; the provenance is for programs.
        "excluded_llm_metadata_keys": _hidden([node.excluded_llm_metadata_keys for node in nodes]),
        "excluded_embed_metadata_keys": _hidden([node.excluded_embed_metadata_keys for node in nodes]),
    }
    if item.is_new:
        scores = [one.score for one in originals if one.score is not None]
        return NodeWithScore(node=TextNode(id_=item.id, text=item.text or "", **update), score=max(scores, default=None))
    node = nodes[0].model_copy(update=update)
    if item.text is not None:
        node.set_content(item.text)
    return originals[0].model_copy(update={"node": node})


def _hidden(keys: Sequence[Sequence[str]]) -> list[str]:
    return [*dict.fromkeys(key for some in keys for key in some if key != KEY), KEY]
