"""ctxshape as LlamaIndex's node postprocessor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.instrumentation import get_dispatcher
from llama_index.core.instrumentation.events import BaseEvent
from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import BaseNode, ImageNode, MetadataMode, Node, NodeWithScore, QueryBundle, TextNode
from pydantic import PrivateAttr, field_serializer

from ctxshape import InvalidInput, Pipeline
from ctxshape.adapting import (
    KEY,
    Found,
    Made,
    Shaped,
    counter_config,
    pipeline_config,
    pipeline_of,
    restructure,
    shared,
)

_dispatcher = get_dispatcher(__name__)


class ShapeEvent(BaseEvent):  # type: ignore[misc]
    """What one shaping did: the reason of every dropped node by its id, hints for the prompt, and the steps."""

    query: str
    dropped: dict[str, str]
    hints: list[str]
    trace: dict[str, Any]

    @classmethod
    def class_name(cls) -> str:
        """The event's name."""
        return "ShapeEvent"


class CtxshapePostprocessor(BaseNodePostprocessor):  # type: ignore[misc]
    """Shapes retrieved nodes, best first, for a query; the nodes given stay as they are.

    `pipeline` is a ctxshape Pipeline, a preset's name, a TOML file or its mapping; `budget` the most tokens of the
    texts, metadata not counted; `counter` any ctxshape backend, else tiktoken. What comes back are copies with ids,
    metadata, relationships and scores kept; `metadata["ctxshape"]` holds the spans in the given texts, the kind ("quote"
    or "rewrite") and notes, and is shown neither to the LLM nor to an embedding model. Nodes that hold an image, a sound
    or a video pass through, last. `shaped` gives the trace, too, and every run sends a ShapeEvent to LlamaIndex's
    instrumentation. Raises ConfigError when it is made, and InvalidInput without a query.

    >>> nodes = [NodeWithScore(node=TextNode(text=text)) for text in ("Emma is by Jane Austen.", "Emma is by Jane Austen.")]
    >>> [item.node.text for item in CtxshapePostprocessor().postprocess_nodes(nodes, query_str="Who wrote Emma?")]
    ['Emma is by Jane Austen.']
    """

    pipeline: Any = "light"
    budget: int | None = None
    counter: Any = None
    _steps: Pipeline = PrivateAttr()

    def __init__(self, pipeline: Any = "light", **fields: Any) -> None:  # noqa: ANN401  LlamaIndex's own signature
        steps = pipeline_of(pipeline, fields.get("budget"), fields.get("counter"))
        super().__init__(pipeline=pipeline, **fields)
        self._steps = steps

    @classmethod
    def class_name(cls) -> str:
        """The component's name in LlamaIndex's serialised form."""
        return "CtxshapePostprocessor"

    def shaped(self, query: str, nodes: Sequence[NodeWithScore]) -> Shaped[NodeWithScore]:
        """The nodes, and the ctxshape context they came out of: its trace, dropped nodes, hints.

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

    @field_serializer("pipeline")
    def _pipeline_config(self, pipeline: Any) -> str | dict[str, Any]:  # noqa: ANN401
        return pipeline_config(pipeline)

    @field_serializer("counter")
    def _counter_config(self, counter: Any) -> dict[str, Any] | None:  # noqa: ANN401
        return counter_config(counter)


def _read(item: NodeWithScore) -> Found:
    node = item.node
    text = node.get_content(MetadataMode.NONE) if _is_text(node) else None
    return Found(node.node_id, text, node.metadata, item.score)


def _is_text(node: BaseNode) -> bool:
    if isinstance(node, Node):
        return node.text_resource is not None and not (node.image_resource or node.audio_resource or node.video_resource)
    return isinstance(node, TextNode) and not isinstance(node, ImageNode)


def _write(made: Made, originals: Sequence[NodeWithScore]) -> NodeWithScore:
    nodes = [item.node for item in originals]
    update = {
        "metadata": shared([node.metadata for node in nodes]) | {KEY: made.record},
        "relationships": shared([node.relationships for node in nodes]),
        # LlamaIndex writes metadata above a node's text; the record is for programs.
        "excluded_llm_metadata_keys": _hidden([node.excluded_llm_metadata_keys for node in nodes]),
        "excluded_embed_metadata_keys": _hidden([node.excluded_embed_metadata_keys for node in nodes]),
    }
    if made.is_new:
        scores = [item.score for item in originals if item.score is not None]
        return NodeWithScore(node=TextNode(id_=made.id, text=made.text or "", **update), score=max(scores, default=None))
    node = nodes[0].model_copy(update=update)
    if made.text is not None:
        node.set_content(made.text)
    return originals[0].model_copy(update={"node": node})


def _hidden(keys: Sequence[Sequence[str]]) -> list[str]:
    return [*dict.fromkeys(key for some in keys for key in some if key != KEY), KEY]
