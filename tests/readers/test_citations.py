"""Citations are sentences of the originals, and only ones that were shown."""

from ctxshape.core.types import Context, Document, Span
from ctxshape.readers.citations import cite


def quoted(context: Context, text: str, limit: int = 3) -> list[str]:
    return [context.sources[s.document].text[s.start : s.end] for s in cite(text, context, limit)]


AUSTEN = Context.of(
    "Who wrote Emma?",
    [
        {"title": "Bath", "text": "Jane Austen lived in Bath. It rained."},
        {"title": "Emma", "text": "It is a novel. Jane Austen wrote Emma in 1815."},
        {"title": "Clueless", "text": "The film of 1995 was made by Amy Heckerling."},
    ],
)


def test_the_sentence_that_shares_the_query_comes_and_unrelated_ones_do_not() -> None:
    assert cite("Jane Austen", AUSTEN) == (Span(document="d2", start=15, end=46),)
    assert quoted(AUSTEN, "The answer is Jane Austen.") == ["Jane Austen wrote Emma in 1815."]


def test_sentences_that_share_nothing_with_the_query_are_cited_where_no_other_is() -> None:
    assert quoted(AUSTEN, "Amy Heckerling") == ["The film of 1995 was made by Amy Heckerling."]


def test_only_whole_numbers_support_a_number() -> None:
    context = Context.of("How many?", ["In 1950 came 3.5 tons and 15 men.", "There were 5."])
    assert quoted(context, "5") == ["There were 5."]


def test_a_marker_names_a_document_by_its_place() -> None:
    assert quoted(AUSTEN, "Amy Heckerling [1]") == ["Jane Austen lived in Bath. It rained."]
    assert quoted(AUSTEN, "Jane Austen (Document [1])") == ["Jane Austen lived in Bath."]
    assert quoted(AUSTEN, "Jane Austen [2][1]") == ["Jane Austen wrote Emma in 1815.", "Jane Austen lived in Bath."]
    assert quoted(AUSTEN, "Jane Austen [2, 1]", limit=1) == ["Jane Austen wrote Emma in 1815."]


def test_a_marker_to_no_document_is_none() -> None:
    assert quoted(AUSTEN, "Jane Austen [7]") == ["Jane Austen wrote Emma in 1815."]


def test_a_footnote_copied_from_a_document_is_no_marker() -> None:
    context = Context.of("Who wrote Emma?", ["Emma was written by Jane Austen [2].", "It rained."])
    assert quoted(context, "Jane Austen [2]") == ["Emma was written by Jane Austen [2]."]


def test_the_marker_follows_the_order_that_was_read() -> None:
    turned = AUSTEN.model_copy(update={"documents": AUSTEN.documents[::-1]})
    assert [span.document for span in cite("Austen [1]", turned)] == ["d3"]


def test_a_paraphrase_is_cited_by_overlap_with_all_its_figures() -> None:
    context = Context.of("When did it open?", ["The tower was opened to visitors in May 1889.", "Visitors paid in 1890."])
    # Added to the query: may, 1889, tower, first, opened; 4 of 5 are in the sentence.
    assert quoted(context, "In May 1889 the tower was first opened") == ["The tower was opened to visitors in May 1889."]
    assert quoted(context, "In May 1891 the tower was first opened") == []


def test_an_answer_that_repeats_the_question_is_judged_by_what_it_adds() -> None:
    assert quoted(AUSTEN, "The one who wrote Emma was Austen, Jane.") == ["Jane Austen wrote Emma in 1815."]
    assert quoted(AUSTEN, "The one who wrote Emma was Charlotte.") == []


def test_too_little_overlap_is_no_support() -> None:
    assert quoted(AUSTEN, "Austen then finished Emma") == []  # 1 of 3 words; Emma is the question's
    assert quoted(AUSTEN, "Jane Austen 1815 finished Sanditon") == ["Jane Austen wrote Emma in 1815."]  # 3 of 5


def test_an_answer_that_only_a_title_holds_is_cited_by_one_sentence_under_it() -> None:
    context = Context.of(
        "Which novel was written in 1815?", [{"title": "Emma", "text": "Jane lived. It was written in 1815."}, "Bath."]
    )
    assert quoted(context, "Emma") == ["It was written in 1815."]


def test_an_answer_of_several_sentences_is_cited_sentence_by_sentence() -> None:
    found = quoted(AUSTEN, "Jane Austen wrote Emma in 1815. It was made into a film of 1995 by Amy Heckerling.")
    assert found == ["Jane Austen wrote Emma in 1815.", "The film of 1995 was made by Amy Heckerling."]


def test_abstentions_and_verdicts_cite_nothing() -> None:
    context = Context.of("Is there rain?", ["There is no rain."])
    assert cite("no", context) == cite("I don't know", context) == cite("", context) == cite("是的", context) == ()


def test_chinese() -> None:
    context = Context.of("故宫位于哪里？", ["故宫始建于1406年。故宫位于北京市中心。", "上海在长江口。北京很大。"])
    assert quoted(context, "北京") == ["故宫位于北京市中心。"]
    assert quoted(context, "1406年") == ["故宫始建于1406年。"]
    assert quoted(context, "上海[2]") == ["上海在长江口。"]
    assert quoted(context, "文档[1]中的北京") == ["故宫位于北京市中心。"]
    assert quoted(context, "广州") == []


def test_what_was_cut_away_is_never_cited() -> None:
    context = Context.of("Who wrote Emma?", ["Jane Austen wrote Emma. It rained. She lived in Bath."])
    kept = context.documents[0].model_copy(update={"text": "It rained.", "spans": (Span(document="d1", start=24, end=34),)})
    shaped = context.keep([kept])
    assert cite("Jane Austen", shaped) == ()
    assert cite("Emma [1]", shaped) == (Span(document="d1", start=24, end=34),)


def test_a_quote_that_was_shortened_without_spans_is_cited_as_far_as_it_goes() -> None:
    context = Context.of("Who wrote Emma?", ["It rained. Jane Austen wrote Emma. She lived in Bath."])
    cut = context.keep([context.documents[0].model_copy(update={"text": "Jane Austen wrote Emma."})])
    assert cite("Jane Austen", cut) == (Span(document="d1", start=11, end=34),)
    assert cite("Bath", cut) == ()


def rewritten(text: str, *spans: Span) -> Context:
    context = Context.of("Who wrote Emma?", ["It rained. Jane Austen wrote Emma.", "Bath is old."])
    return context.keep([Document(id="summary1", text=text, kind="rewrite", spans=spans)])


def test_a_rewrite_stands_for_the_sentences_that_hold_the_answer() -> None:
    spans = (Span(document="d1", start=0, end=34), Span(document="d2", start=0, end=12))
    assert cite("Jane Austen", rewritten("Emma is by Jane Austen.", *spans)) == (Span(document="d1", start=11, end=34),)


def test_a_rewrite_stands_for_its_spans_where_no_sentence_holds_the_answer() -> None:
    spans = (Span(document="d1", start=0, end=34), Span(document="d2", start=0, end=12))
    assert cite("Miss Austen", rewritten("Emma is by Miss Austen.", *spans)) == spans


def test_what_a_rewrite_does_not_say_was_not_shown() -> None:
    spans = (Span(document="d1", start=0, end=34), Span(document="d2", start=0, end=12))
    assert cite("Bath", rewritten("Emma is by Jane Austen.", *spans)) == ()


def test_a_rewrite_of_nothing_has_no_citation() -> None:
    assert cite("Jane Austen", rewritten("Emma is by Jane Austen.")) == ()


def test_an_answer_that_says_more_than_its_source_is_cited_by_its_name() -> None:
    context = Context.of(
        "Who built the second lighthouse?",
        ["The King gave money. The second lighthouse was built by John Rudyard.", "John Rudyard sold silk."],
    )
    answer = "The second lighthouse was built by John Rudyard, a famous admiral of the Royal Navy in Portsmouth."
    assert [context.sources[s.document].text[s.start : s.end] for s in cite(answer, context)] == [
        "The second lighthouse was built by John Rudyard."
    ]
    assert cite("It was built by Ann King, an admiral in Portsmouth.", context) == ()


def test_a_chinese_sentence_is_cited_by_the_characters_it_adds() -> None:
    passages = ["修桥时，工匠在桥基上养殖牡蛎，从而加固了桥基。桥很长。", "牡蛎可以吃。"]
    context = Context.of("工匠用哪种生物来加固桥基？", passages)
    cited = [context.sources[s.document].text[s.start : s.end] for s in cite("工匠用牡蛎来加固桥基。", context)]
    assert cited == ["修桥时，工匠在桥基上养殖牡蛎，从而加固了桥基。"]
    assert cite("工匠用鲸鱼来加固桥基。", context) == ()


def test_a_marker_of_an_empty_document_cites_nothing() -> None:
    context = Context.of("Where?", [{"id": "a", "text": ""}, {"id": "b", "text": "In Paris."}])
    assert cite("Rome [1]", context) == ()
