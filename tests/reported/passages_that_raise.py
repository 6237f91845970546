"""Found by fuzzing. Right: no passage makes shape() or cite() raise anything but a documented ctxshape error; an odd value is kept or refused by name."""
import sys

from ctxshape import Context, shape
from ctxshape.readers.citations import cite
from ctxshape.errors import CtxshapeError

TRIALS = {
    "who, and a Chinese sentence with 'of'": lambda: shape("Who wrote the book?", ["英语单词of的意思是“的”。", "Jane wrote the book."]),
    "谁, and 'de'": lambda: shape("谁写了这本书？", ["法语中的de是一个介词。这本书是他写的。", "天气很好。"]),
    "where, and 'la la'": lambda: shape("Where is the office?", ["唱la la la的歌手在办公室 office。", "The office is in Paris."]),
    "an answer of Han and 'of'": lambda: cite("of 的", Context.of("什么词？", ["词是of 的", "x"])),
    "4,301 Chinese numerals": lambda: shape("这个城市有多少人？", ["这个城市有" + "一" * 4301 + "人。", "城市很大。"]),
    "a million digits": lambda: shape("How many people live here?", ["Here live " + "9" * 1_000_001 + " people.", "live here"]),
    "csv.DictReader's rest key": lambda: shape("q?", [{"text": "x", None: ["y"]}]),
    "documents=None": lambda: shape("q?", None),
}
wrong = []
for name, trial in TRIALS.items():
    try:
        trial()
        print("ok     ", name)
    except CtxshapeError as error:
        print("refused", name, "|", type(error).__name__, str(error)[:100])
    except Exception as error:  # noqa: BLE001
        wrong.append(f"{name}: {type(error).__name__}")
print("FAIL: " + "; ".join(wrong) if wrong else "PASS")
sys.exit(bool(wrong))
