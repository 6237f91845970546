"""Ask a model behind an OpenAI-compatible server about twenty retrieved passages, shaped to fit its context.

Start a server first, any one of these:
    llama-server -m model.gguf --port 8080 -c 8192           (llama.cpp; each slot gets the context divided by --parallel)
    python -m llama_cpp.server --model model.gguf --n_ctx 8192 --port 8080      (pip install 'llama-cpp-python[server]')
    vllm serve Qwen/Qwen2.5-0.5B-Instruct --port 8080
    ollama serve                                             (then pass http://localhost:11434 and the name of the model)

Run it with:  python examples/openai_server.py  [http://127.0.0.1:8080]  [model]
The key comes from OPENAI_API_KEY. The script needs: pip install 'ctxshape[openai]'
"""

import asyncio
import sys

from ctxshape import Generation, OpenAICompatible, ashape, ask, render
from ctxshape.cli.demo import demo_case

address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
case = demo_case("en")  # a question and twenty passages; the one with the answer is in the middle
passages = [{"id": d.id, "title": d.title, "text": d.text, "score": d.score} for d in case.documents]


async def several(model: OpenAICompatible, questions: list[str]) -> list[str]:
    """Returns an answer to each question; up to `concurrency` requests are under way at a time."""
    contexts = await asyncio.gather(*(ashape(question, passages, budget=150, counter=model) for question in questions))
    completions = await model.agenerate([render(context) for context in contexts], Generation(max_tokens=24))
    return [completion.text.strip() for completion in completions]


with OpenAICompatible(address, model=sys.argv[2] if len(sys.argv) > 2 else None, concurrency=4) as model:
    print("tokens counted by:", model.counter_name())
    print("context:", model.context_length(), "tokens")
    budget = min(400, model.context_length() // 2)
    print("question:", case.question)
    answer = ask(case.question, passages, backend=model, budget=budget)
    usage = answer.usage
    seconds = usage.shape_seconds + usage.prefill_seconds + usage.decode_seconds
    print(f"\nshaped: {answer.text!r}, {usage.prompt_tokens} prompt tokens, {seconds:.1f} s")

    print("\nthe sentence it comes from:")
    originals = {d.id: d for d in case.documents}
    for span in answer.citations[:1]:
        print(
            f"  [{span.document}, characters {span.start} to {span.end}] {originals[span.document].text[span.start : span.end]}"
        )

    print("\nseveral questions at once:")
    others = ["Who designed the first Eddystone lighthouse?", "When was the present lighthouse lit?"]
    for question, text in zip(others, asyncio.run(several(model, others)), strict=True):
        print(f"  {question} {text!r}")
