"""The scale of an embedder's similarities, measured on fixed questions with fixed answers."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

import numpy as np

from ctxshape.core.protocols import Embedder, Matrix, QueryEmbedder, Scores

# Invented questions, each with a text that answers it in other words. The subjects of the pairs differ.
_ENGLISH: tuple[tuple[str, str], ...] = (
    ("when was the first bridge over the river opened", "The first crossing of the river was opened to traffic in 1869."),
    ("who wrote the anthem of the republic", "The words of the national anthem were written by the poet Ilse Marn."),
    ("How do I reset the password of my account?", "To choose a new password, open the settings and press Reset."),
    ("what causes the northern lights", "Auroras appear when charged particles from the sun hit the upper atmosphere."),
    ("How much did sales grow in the second quarter?", "Revenue rose by 12% in the three months to June."),
    ("which team won the cup final", "The final was won 2-1 by Harwick Rovers."),
    ("What is the boiling point of ethanol?", "Ethanol boils at 78 degrees Celsius."),
    ("Where do penguins live?", "Almost all penguins are found in the southern hemisphere."),
    ("how does a vaccine protect against infection", "Immunisation trains the immune system to recognise a pathogen."),
    ("read a csv file line by line in python", "def read_rows(path): return csv.reader(open(path))"),
    ("Is the museum open on Mondays?", "The museum is closed on Mondays and public holidays."),
    ("What are the side effects of the drug?", "Common adverse reactions include headache and nausea."),
    ("who is the mother of the king", "Queen Maud gave birth to the later king in 1840."),
    ("how many employees does the company have", "The firm employs about 4,500 people worldwide."),
    ("Why was the treaty rejected?", "Parliament refused to ratify the agreement because of its cost."),
    ("what language is spoken in the valley", "Most inhabitants of the valley speak a dialect of Romansh."),
)
_CHINESE: tuple[tuple[str, str], ...] = (
    ("第一座跨河大桥是哪一年通车的？", "跨越该河的第一座桥梁于1869年建成通车。"),
    ("这部小说的作者是谁？", "小说由作家沈明远创作，首次出版于上海。"),
    ("如何重置账户密码？", "打开设置页面，点击重置即可更换密码。"),
    ("极光是怎样形成的？", "来自太阳的带电粒子撞击高层大气时会产生极光。"),
    ("第二季度的销售额增长了多少？", "截至六月的三个月中，营业收入增长了12%。"),
    ("哪支球队赢得了决赛？", "红星队以2比1获得冠军。"),
    ("乙醇的沸点是多少？", "乙醇在78摄氏度时沸腾。"),
    ("企鹅生活在哪里？", "几乎所有企鹅都分布在南半球。"),
    ("公司有多少员工？", "该企业在全球雇用了约4500人。"),
    ("条约为什么被否决？", "议会因费用过高拒绝批准该协定。"),
    ("博物馆周一开放吗？", "博物馆周一和法定节假日闭馆。"),
    ("这种药有什么副作用？", "常见的不良反应包括头痛和恶心。"),
    ("谁是国王的母亲？", "王后莫德于1840年生下了后来的国王。"),
    ("山谷里的人说什么语言？", "谷中居民大多讲罗曼什语方言。"),
    ("该病毒如何传播？", "病毒主要通过飞沫和接触感染。"),
    ("这座塔有多高？", "塔身高度为128米，共有九层。"),
)
_SPREADS = 4.0  # standard deviations of unrelated similarities that a typical answer is above their mean, at least


class Scale(NamedTuple):
    """The mean similarity of a question with unrelated texts, and with texts that answer it.

    Embedders differ widely: of English texts, all-MiniLM-L6-v2 gives 0.01 and 0.61, the multilingual Universal Sentence Encoder
    0.03 and 0.48. Of Chinese texts, the former gives 0.56 and 0.66: it hardly tells them apart. `related` is at least four
    standard deviations of unrelated similarities above `unrelated`, so that such an embedder counts little.
    """

    unrelated: float
    related: float

    def apply(self, similarities: Scores) -> Scores:
        """Returns the similarities with 0 for unrelated texts and 1 for typical answers.

        >>> Scale(0.1, 0.6).apply(np.array([0.1, 0.35, 0.6])).round(2).tolist()
        [0.0, 0.5, 1.0]
        """
        return (similarities - self.unrelated) / (self.related - self.unrelated)


_USUAL = Scale(0.0, 0.6)  # for an embedder that gives all fixed texts the same similarity


class _Scales:
    """Remembers the scales of living embedders, so that an embedder reads the fixed texts once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bool], tuple[weakref.ref[Embedder], Scale]] = {}
        self._lock = Lock()

    def get(self, embedder: Embedder, cjk: bool) -> Scale:
        """Returns the scale of an embedder for questions in Latin letters or, with `cjk`, in Chinese ones."""
        key = (id(embedder), cjk)
        with self._lock:
            found = self._known.get(key)
        if found is not None and found[0]() is embedder:
            return found[1]
        made = _measured(embedder, _CHINESE if cjk else _ENGLISH)
        try:
            reference = weakref.ref(embedder, lambda _: self._known.pop(key, None))
        except TypeError:  # an object that no weak reference can name is measured again
            return made
        with self._lock:
            self._known[key] = reference, made
        return made


_SCALES = _Scales()


def scale_of(embedder: Embedder, cjk: bool) -> Scale:
    """Returns the scale of an embedder, for Chinese questions if `cjk` is true. It is measured once for each embedder."""
    return _SCALES.get(embedder, cjk)


def query_vectors(embedder: Embedder, queries: Sequence[str]) -> Matrix:
    """Returns the vectors of queries, float64, shape (n, d), by `embed_query` if the embedder has it."""
    if isinstance(embedder, QueryEmbedder):
        return np.stack([np.asarray(embedder.embed_query(query), dtype=np.float64).reshape(-1) for query in queries])
    return np.asarray(embedder.embed(queries), dtype=np.float64)


def _measured(embedder: Embedder, pairs: Sequence[tuple[str, str]]) -> Scale:
    questions = query_vectors(embedder, [question for question, _ in pairs])
    similarities = questions @ np.asarray(embedder.embed([answer for _, answer in pairs]), dtype=np.float64).T
    apart = similarities[~np.eye(len(pairs), dtype=bool)]
    unrelated, spread = float(apart.mean()), float(apart.std())
    distance = max(float(similarities.diagonal().mean()) - unrelated, _SPREADS * spread)
    return Scale(unrelated, unrelated + distance) if distance > 1e-6 else _USUAL
