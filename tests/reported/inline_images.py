"""Source: linagora/openrag#570, engram-app/Engram#1619, nicobailon/pi-web-access#281, 1broseidon/ketch#47.
Reported: pages turned into Markdown have images as base64 data URIs in the text; thousands of tokens of it reach the model and
push the text out.
Right: the sentence that answers is kept within 256 tokens (the default of the presets, and a budget): such a payload is no text.
"""
import base64
import random
import sys

from ctxshape import shape
from ctxshape.core.tokens import default_counter

PAYLOAD = base64.b64encode(random.Random(1).randbytes(30_000)).decode()
PAGE = (
    "# The mill of Arden\n\nThe mill of Arden was built in 1770 by the abbey.\n"
    f"![the mill in 1900](data:image/png;base64,{PAYLOAD})\nIt was repaired in 1901 after a fire."
)
OTHER = {"id": "n", "text": "Mills were built at many rivers. When a mill was repaired the abbey paid for it."}
wrong = []
for budget in (None, 256):
    context = shape("When was the mill of Arden built, and when was it repaired?", [{"id": "p", "text": PAGE}, OTHER], budget=budget)
    shown = "\n".join(document.text for document in context.documents)
    tokens = default_counter().count_tokens(shown)
    print("budget", budget, [d.id for d in context.documents], tokens, "tokens", dict(context.trace.dropped))
    if "1770" not in shown or "1901" not in shown:
        wrong.append(f"budget {budget}: an answer is dropped (1770: {'1770' in shown}, 1901: {'1901' in shown})")
    if tokens > 400:
        wrong.append(f"budget {budget}: {tokens} tokens are kept, nearly all of them base64")
print("FAIL: " + "; ".join(wrong) if wrong else "PASS")
sys.exit(bool(wrong))
