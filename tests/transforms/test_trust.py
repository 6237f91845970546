from __future__ import annotations

import datetime
import tomllib
from typing import Any

import pytest

from ctxshape import ConfigError, Context, Document, InvalidInput
from ctxshape.testing import check_transform
from ctxshape.transforms.trust import Recency, TrustRule, WeighSources

Given = str | dict[str, object] | Document

GOV: Given = {"text": "a", "source": "https://www.nhs.gov.uk/x", "kind": "page"}
BLOG: Given = {"text": "b", "source": "https://me.blog.com", "kind": "blog"}


def weights(context: Context) -> list[float]:
    return [document.meta["weight"] for document in context.documents]


def weighed(*documents: Given, query: str = "q", **settings: object) -> Context:
    return WeighSources(**settings)(Context.of(query, documents))  # type: ignore[arg-type]


def by_length(document: Document) -> float:
    return float(len(document.text))


def test_contract() -> None:
    recency = Recency(as_of=datetime.date(2024, 1, 1))
    check_transform(WeighSources())
    check_transform(WeighSources(recency=recency, agreement=0.5, rescore=True))
    check_transform(WeighSources(rules=(TrustRule(domain="gov.uk", weight=2),)), [Context.of("q", [GOV, BLOG, "c"])])


def test_the_first_rule_that_matches_counts() -> None:
    rules = [
        {"domain": "gov.uk", "weight": 3},
        {"field": "kind", "equals": "blog", "weight": 0.5},
        {"field": "kind", "weight": 9},
    ]
    context = weighed(GOV, BLOG, {"text": "c", "kind": "x"}, "d", rules=rules)
    assert weights(context) == [3.0, 0.5, 9.0, 1.0]
    assert context.notes["d2"] == "weight 0.5: field 'kind' = 'blog' 0.5"
    assert "d4" not in context.notes


def test_a_function_of_your_own() -> None:
    assert weights(weighed("aa", "bbb", by=by_length)) == [2.0, 3.0]
    assert weighed("aa", by=by_length).notes == {"d1": "weight 2: by_length 2"}
    with pytest.raises(ConfigError, match=r"'d1'.*\b0\.0\b.*\b1000\b"):
        weighed("", by=by_length)


def test_recency_by_hand() -> None:
    recency = Recency(as_of=datetime.date(2024, 1, 11), half_life_days=10, undated=0.3, floor=0.1)
    documents: list[Given] = [
        {"text": "a", "date": datetime.date(2024, 1, 11)},
        {"text": "b", "published": "2024-01-01"},
        {"text": "2023年12月22日公告：桥很旧。"},
        {"text": "d", "title": "Report of May 2001"},
        "e",
        {"text": "f", "date": "2030-01-01"},
    ]
    context = weighed(*documents, recency=recency)
    assert weights(context) == [1.0, 0.5, 0.25, 0.1, 0.3, 1.0]
    assert context.notes["d2"] == "weight 0.5: date 0.5"
    assert weighed(*documents, recency=recency, show_values=True).notes["d2"] == "weight 0.5: dated 2024-01-01 0.5"
    assert context.notes["d5"] == "weight 0.3: undated 0.3"


def test_agreement_counts_independent_sources() -> None:
    said = ["The captain of the Avocet is Ida Holwick.", "Ida Holwick is the captain of the Avocet, a steamer."]
    query = "Who is the captain of the Avocet?"
    other = "The captain of the Avocet is Ana Feld, as ever."
    context = weighed(*said, other, said[0].upper(), query=query, agreement=0.5)
    assert weights(context) == [1.5, 1.5, 1.0, 1.5]  # the copy is no source, but its value has two
    assert context.notes["d1"] == "weight 1.5: 2 sources agree on 'Ida Holwick' 1.5"
    same_site: list[Given] = [{"text": text, "source": f"https://{n}.example.org"} for n, text in enumerate(said)]
    assert weights(weighed(*same_site, query=query, agreement=0.5)) == [1.0, 1.0]


def test_agreement_in_chinese() -> None:
    said = ["松坪桥全长一千二百米，很旧。", "据测量，松坪桥长1,200米。", "松坪桥长900米。"]
    assert weights(weighed(*said, query="松坪桥长多少米？", agreement=1)) == [2.0, 2.0, 1.0]


def test_scores_change_only_on_request() -> None:
    def scored(score: float) -> Given:
        return {"text": "a", "source": "https://www.nhs.gov.uk/x", "score": score}

    rules = [{"domain": "gov.uk", "weight": 2}]
    assert weighed(scored(0.5), rules=rules).documents[0].score == 0.5
    assert weighed(scored(0.5), rules=rules, rescore=True).documents[0].score == 1.0
    with pytest.raises(InvalidInput, match="'d1'.*-1.*rescore"):
        weighed(scored(-1), rules=rules, rescore=True)


def test_factors_multiply_and_a_second_run_changes_nothing() -> None:
    recency = Recency(as_of=datetime.date(2024, 1, 1), undated=0.5)
    step = WeighSources(rules=(TrustRule(domain="gov.uk", weight=3),), recency=recency)
    once = step(Context.of("q", [GOV]))
    assert weights(once) == [1.5]
    assert once.notes["d1"] == "weight 1.5: domain 'gov.uk' 3, undated 0.5"
    assert step(once).documents == once.documents


def test_a_rule_that_matches_nothing() -> None:
    rules = [{"domain": "gov.uk", "weight": 3}]
    said = "matches none of the 1 documents; there is me.blog.com"
    assert weighed(BLOG, rules=rules, show_values=True).notes == {"rule 1, domain 'gov.uk'": said}
    with pytest.raises(InvalidInput, match="rule 1.*'gov.uk'.*me.blog.com.*unmatched='note'"):
        weighed(BLOG, rules=rules, unmatched="error", show_values=True)


def test_notes_and_errors_hold_no_metadata_unless_asked() -> None:
    private: dict[str, Any] = {
        "text": "a",
        "owner": "alice@corp.internal",
        "url": "https://hr.corp.internal/x",
        "date": "2024-02-03",
    }
    rules: list[dict[str, object]] = [
        {"field": "owner", "equals": "bob", "weight": 2},
        {"domain": "gov.uk", "weight": 2},
        {"field": "date", "equals": "2020-01-01", "weight": 2},
    ]
    recency = Recency(as_of=datetime.date(2025, 1, 1))
    said = str(weighed(private, rules=rules, recency=recency).notes)
    with pytest.raises(InvalidInput) as caught:
        weighed(private, rules=rules, unmatched="error")
    for secret in ("alice", "corp", "2024"):
        assert secret not in said + str(caught.value)
        assert secret in str(weighed(private, rules=rules, recency=recency, show_values=True).notes)


def test_a_rule_for_what_no_document_has() -> None:
    with pytest.raises(InvalidInput, match=r"rule 1.*'gov.uk'.*\b1\b.*source"):
        weighed("a", rules=[{"domain": "gov.uk", "weight": 3}])
    with pytest.raises(InvalidInput, match=r"rule 1.*'knd'.*: kind"):
        weighed(BLOG, rules=[{"field": "knd", "weight": 3}])
    assert list(weighed("a", rules=[{"field": "knd", "weight": 3}], unmatched="note").notes) == ["rule 1, field 'knd'"]
    assert weighed(rules=[{"field": "knd", "weight": 3}]).notes == {}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"weight": 2}, "domain.*field"),
        ({"weight": 2, "domain": "a.b", "field": "c"}, "domain.*field"),
        ({"weight": 0, "domain": "a.b"}, r"rules\.0\.weight.*\b0\b"),
        ({"weight": 2, "domian": "a.b"}, r"rules\.0\.domian"),
    ],
)
def test_bad_rules(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WeighSources(rules=[rule])  # type: ignore[arg-type]


def test_from_toml() -> None:
    table = tomllib.loads("""
        agreement = 0.5
        rules = [{ domain = "gov.uk", weight = 2 }, { field = "kind", equals = "blog", weight = 0.5 }]
        recency = { as_of = 2024-01-01, half_life_days = 365 }
    """)
    step = WeighSources(**table)
    assert step.rules == (TrustRule(domain="gov.uk", weight=2), TrustRule(field="kind", equals="blog", weight=0.5))
    assert step.parameters()["recency"] == {
        "as_of": "2024-01-01",
        "half_life_days": 365.0,
        "field": None,
        "undated": 0.5,
        "floor": 0.01,
    }
