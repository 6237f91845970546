"""Talk: transcripts in English and Chinese, questions with their answers, mails."""

from __future__ import annotations

from ctxshape.testing.documents.writing import (
    TextWriter,
    chinese_phrase,
    chinese_sentence,
    name,
    phrase,
    sentence_list,
    thing,
    town,
)


def transcript(writer: TextWriter) -> None:
    """Writes turns behind their speakers, some with a time before the name."""
    rng = writer.rng
    speakers = rng.choice((("Agent", "Customer"), ("Petra", "Dr. Voss", "Ben"), ("Q", "A"), ("INTERVIEWER", "MAYOR")))
    timed, bold = rng.random() < 0.25, rng.random() < 0.15
    for number in range(rng.randint(4, 10)):
        speaker = f"**{speakers[number % len(speakers)]}:**" if bold else f"{speakers[number % len(speakers)]}:"
        label = f"[00:{number:02}:1{rng.randint(0, 9)}] {speaker}" if timed else speaker
        texts = sentence_list(rng, 1, 4)
        writer.part(f"{label} {' '.join(texts)}", "turn", form="labelled", label=len(label), cut=True)
        writer.put("\n")
    writer.blank_line()


def chinese_transcript(writer: TextWriter) -> None:
    """Writes Chinese turns behind their speakers."""
    rng = writer.rng
    speakers = rng.choice((("客服", "客户"), ("记者", "市长"), ("李明", "王芳", "主持人")))
    for number in range(rng.randint(4, 9)):
        label = f"{speakers[number % len(speakers)]}："
        texts = [chinese_sentence(rng) for _ in range(rng.randint(1, 3))]
        writer.part(label + "".join(texts), "turn", form="labelled", label=len(label), cut=True)
        writer.put("\n")
    writer.blank_line()


def questions_with_answers(writer: TextWriter) -> None:
    """Writes questions, each with its answer."""
    rng = writer.rng
    form, chinese = rng.choice(("Q: {}", "**{}**", "### {}", "问：{}")), False
    chinese = form.startswith("问")
    for _ in range(rng.randint(2, 5)):
        asked = f"{chinese_phrase(rng)}，应当找谁？" if chinese else f"Where is the {thing(rng)} of {town(rng)}?"
        question = writer.part(form.format(asked), "question", form="line", role="question", level=0)
        mark = {"Q": "A: ", "问": "答："}.get(form[0], "")
        writer.put("\n" if mark else "\n\n")
        if mark:
            texts = "".join(chinese_sentence(rng) for _ in range(2)) if chinese else " ".join(sentence_list(rng, 1, 3))
            writer.part(mark + texts, "answer", form="labelled", label=len(mark.strip()), owners=(question,), cut=True)
        else:
            writer.sentences(sentence_list(rng, 1, 3), owners=(question,))
        writer.put("\n")
        writer.blank_line()


def mail(writer: TextWriter) -> None:
    """Writes a mail with its head and a paragraph."""
    rng = writer.rng
    for key, value in (("From", name(rng)), ("To", name(rng)), ("Subject", phrase(rng))):
        writer.part(f"{key}: {value}", "line", form="line")
        writer.put("\n")
    writer.blank_line()
    for _ in range(rng.randint(1, 3)):
        writer.sentences(sentence_list(rng, 1, 4))
        writer.blank_line()
