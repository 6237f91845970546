"""Dots that end no sentence, quotations, and the end marks of each language; the reports that a case follows are named."""

from __future__ import annotations

import pytest

from ctxshape.text.detection import language_named
from ctxshape.text.dots import begins, goes_on
from ctxshape.text.sentences import sentences

# "|" stands where a sentence ends.
CASES = {
    "grobid#1316": "The rate fell in a later study by Wells et al. 2020. | It rose again after that.",
    "Tessmore/sbd#9": "Claim 3 is rejected over Orlov et al. (US 2011/0179) in view of Oh (US 2013/0013). | Claim 4 stands.",
    "yasbd-lib#34": "Yan et al. [2004] measured the tide. | See Fig. [1] and sec. [2.1] for it. | Pages pp. [55-60] hold it.",
    "languagetool#4005": "The other charts are in vol. 4. | The index is in vol. IX of the set.",
    "languagetool#4248": "It is listed in the catalogue (S. Deziemianowicz, ed. 2009). | The rest is lost.",
    "nltk#2376": "If Orlov et al. get the grant, the mill reopens. | No need to write e.g. or i.e. in italics here.",
    "equations and degrees": "As Eq. (2) shows, the flow at 3 deg. C is low. | At 8 deg. F it stops. | Eqs. (3) and (4) agree.",
    "segtok#10": "The plan was drawn by Lester B. Pearson and Dr. Edgar F. Codd. | It was never built.",
    "titles": "Mr. and Mrs. Hale met Prof. Li at 5 p.m. on Jan. 3. | The U.S. Army came. | It was No. 5 of its kind.",
    "names of species": "E. coli grows fast. | H. pylori does not.",
    "versions": "Visit example.com. | Then mail a.b@parks.ny.gov. | Your version 2.1. is out. | See p. 5. | It ended.",
    "stanza#617 dates": (
        "Am 23. Oktober öffnet der Turm. | Der 2. Weltkrieg begann am 1. September 1939. | Es gelang zum 1. Mal."
    ),
    "stanza#617 lists": (
        "Kommst du am 14. März oder am 15.? | Den 32. gibt es nicht. | Markt ist am 24., am 25. und am 26. Mai."
    ),
    "syntok#28": (
        "Jonas ist Fan vom 1. FC Köln, und du? | Dies ist nun der 17. Versuch. | Friedrich II. war krank. | Er starb jung."
    ),
    "CoreNLP#380": "Der Verein spielt in der 2. Bundesliga. | Die 26. Auflage erschien am 28. Juli. | Danach kam keine mehr.",
    "YoastSEO.js#745": "Das war deine 6. Buchung in diesem Jahr. | Die nächste ist frei.",
    "yasbd-lib#301": "Die Brücke kostete etwa 5 Mio. Euro. | Die Stadt hat 83 Tsd. Einwohner. | Das ist viel.",
    "pragmatic_segmenter#76": "Manche Vögel, z. B. Störche, ziehen fort. | Andere bleiben, d. h. sie suchen hier Futter.",
    "german ends": "Es gab Brot, Käse usw. | Der Rest war weg. | Er kam um 17. | Die Tür war zu.",
    "yasbd-lib#164": (
        "Il est là où il est. | Ensuite il part. | "
        "M. Dupont et Mme Durand vivent au 3 av. Foch. | Il date de 52 av. J.-C. environ."
    ),
    "nltk#2703": (
        "Es de la Sra. Ministra, en oficio ord. Nº 916. | "
        "El Sr. López vive en la Av. Colón. | Es del s. II a. C. y sigue en pie."
    ),
    "yasbd-lib#283": (
        "Chiama il tel. 555-0199. | Il sig. Rossi e la dott.ssa Bianchi vivono qui. | È del 44 a.C. circa, cfr. l'art. 3."
    ),
    "yasbd-lib#281": "O total, aprox. 500 reais, foi pago ontem. | O Sr. Silva mora na Av. Brasil. | A Dra. Lima chegou às 9h.",
    "casile#170": (
        "Kale M.Ö. 300 yılında kuruldu, bkz. Ek. | IV. Murat onu 19. yüzyılda değil, 17. yüzyılda aldı. | Dr. Ayşe yazdı."
    ),
    "Tactful_Tokenizer#7": (
        "Мост построил В.Ф. Иванов. | Проект начал В. Ф. Петров. | Его брат, П.К.Лавров, т. е. инженер, жил в 1896 г. в Туле."
    ),
    "ru_punkt#4": "Он был плохой муж. | Хотя его любили. | Завод дал 12 тыс. тонн стали и т. д. | Потом его закрыли.",
    "russian eras": (
        "Город основан в III в. до н. э. на берегу реки. | Позже, в XV в. н. э., его разрушили. | См. рис. 3 на стр. 15."
    ),
    "ukrainian": (
        "Міст збудував І. Я. Франко у 1896 р. у Львові. | Його ремонтували в 1990-х рр. | Нині він закритий, див. рис. 2."
    ),
    "spaCy#5911 greek": "Πότε χτίστηκε ο ναός; | Χτίστηκε το 447 π.Χ. από τον Φαίδρο. | Ο κ. Παπανδρέου μένει στις 8 π.μ. εδώ.",
    "spaCy#5911 arabic": "متى بني الجسر؟ | بني في عام 1884. | قال د. أحمد إن الجسر قديم. | يعود إلى عام 300 ق.م. تقريبا.",
    "Tessmore/sbd#47": "पुल कब बना? | पुल 1884 में बना। | डॉ. शर्मा ने कहा कि पुल पुराना है। | वह बंद है।",
    "renikud#10": 'ח"כ לוי אמר שהגשר נבנה ב-1884. | הוא נסע לארה"ב. | "הגשר ישן", אמר עו"ד כהן. | מנכ"ל החברה הסכים.',
    "pythainlp#43": "สะพานแห่งนี้สร้างขึ้นในปี พ.ศ. 2475 และยาว 678 เมตร | ปัจจุบันมีรถยนต์ผ่านวันละ 40,000 คัน",
    "japanese": "橋は1884年に建てられた。 | 「もう古い。直そう。」と彼は言った。 | Dr. Satoさんは反対した！ | なぜ？",
    "korean": '다리는 1884년에 지어졌다. | 김 박사는 "오래됐다. 고치자."라고 말했다. | 왜 그럴까?',
    "vietnamese": "Cầu được xây năm 1884 tại TP. Hồ Chí Minh. | TS. Nguyễn Văn A viết v.v. | Nó dài 31,5 m.",
    "chinese with latin": "第三条 甲方应付款。 | Fig. 3 显示“价格上涨。” | 他说； | 见第5.2节。",
    "dutch, from sentencex": "Zie m.b.t. 2024 het jaarverslag. | Alles staat erin. | De heer J. de Vries woont er.",
    "stdlib#3017": 'She said "Look out!" right before the gate fell. | Nobody was hurt.',
    "indic_nlp_library#37": 'He said "Will you bring some water?". | She said "Sure!", and went away.',
    "TextBlob#109": (
        "“We should turn back,” Orla urged. | “The mill is shut.” | “Does that scare you?” Ulf asked. | Orla said nothing."
    ),
    "segtok#16": '"Good morning?" Harry asked. | "Good morning!" Harry exclaimed.',
    "nltk#1903": "»Die Mühle ist doch recht alt.« | Das schrieb der Müller am 1. Februar 1916 an seine Schwester.",
    "quntoken#32": "The clerk had a plan. | »No wonder, the old goat licks salt.« | He told it in small scenes.",
    "sentencex#21": 'Dr. Orlov, who came at 3:00 p.m., said, "The dam is stable; it is dry." | Meanwhile, the guard left.',
    "clulab/processors#784": "“The mills were bought at low prices.” | The court agreed.",
    "a bracketed sentence": "I am glad. | (Laughter.) | There is a picture. | He met John (Jr.) there (see below. It ends).",
    "one quotation mark": 'The 5" pipe broke. | It was old. | They said it was new. | The court laughed.',
    "references": "The tower fell.[3] | It was rebuilt.[4][12] | It stands.",
    "images of Markdown": "Click the Actions icon ![Actions icon](https://example.com/a.svg). | From here you go on.",
    "names and dates": "The plan of Gen. Lee was seen near Mt. Hope in Ft. Worth on Sept. 11 at 5 p.m. Monday. | It failed.",
    "theorems": "See refs. [12, 13], Sec. 2 of ch. 4, pp. 3-5, Thm. 2, Prop. 3 and Suppl. Fig. 4. | It holds.",
    "german streets": "Das Haus in der Hauptstr. 7 am Hbf. Köln hat ca. 300 qm. | Dann kam nichts.",
    "french months": "L'art. 3, c.-à-d. la loi du 3 janv. 1901, date du XIXe s. dans ce livre. | Ensuite rien.",
    "turkish addresses": "Ev, Gül Sok. No. 5 adresinde, 2. Dünya Savaşı ve 19. yy. sonunda yapıldı. | Sonra yıkıldı.",
    "korean dates": "다리는 2021. 3. 12. 에 열렸고 Dr. Kim이 왔다. | 그 뒤는 없다.",
    "thai abbreviations": "อยู่ที่ อ.เมือง จ.เชียงใหม่ ห่าง 5 กม. จากตลาด",
    "spaced closers": "« Tu viens ? » | Elle part. | `` It is old . '' | He left ( in May . ) | She stayed.",
    "emoji": "It works!🎉 | We are glad.",
}


@pytest.mark.parametrize("name", CASES)
def test_sentences_end_where_they_end(name: str) -> None:
    expected = CASES[name].split(" | ")
    text = " ".join(expected)
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_a_reference_ends_a_sentence_without_a_blank_too() -> None:
    text = "It is a central concept.[1]Discussion of it never ended."
    assert [text[start:end] for start, end in sentences(text)] == [
        "It is a central concept.[1]",
        "Discussion of it never ended.",
    ]


@pytest.mark.parametrize(
    ("code", "text", "inside"),
    [
        ("de", "am 3.⏐ Mai", True),
        ("de", "am 3.⏐ Die", False),
        ("de", "Abs.⏐ 3", True),
        ("de", "Abs.⏐ Die", False),
        ("en", "3.⏐14", True),
        ("en", "Fig.⏐ (3)", True),
        ("en", "al.⏐, who", True),
        ("en", "the end.⏐ ", False),
        ("fr", "J. ⏐", False),
        ("fr", "par V.⏐ Hugo", True),
        ("fr", "Louis I.⏐ Il", False),
        ("it", "dell'art.⏐ 13", True),
        ("ru", "1896 г.⏐ в", True),
        ("ru", "1896 г.⏐ Завод", False),
        ("tr", "19.⏐ Yüzyıl", True),
        ("zh", "见Fig.⏐ 3", True),
        ("nl", "het einde.⏐ De", False),
    ],
)
def test_a_dot_inside_a_sentence(code: str, text: str, inside: bool) -> None:
    before, after = text.split("⏐")
    assert goes_on(before.rstrip() + after, len(before.rstrip()), language_named(code)) is inside


@pytest.mark.parametrize(
    ("code", "text", "certain"),
    [
        ("de", "Turm 1916.⏐ Der Rest", True),
        ("de", "in Panzern.⏐ 400 Mann", True),
        ("de", "Nr.⏐ 400", False),
        ("de", "Karl.⏐ Emil", False),
        ("es", "en el mar.⏐ Cacín", True),
        ("ru", "и т.д.⏐ Завод", True),
        ("ru", "г.⏐ Туле", False),
    ],
)
def test_a_dot_that_certainly_ends_a_sentence(code: str, text: str, certain: bool) -> None:
    before, after = text.split("⏐")
    assert begins(before + after, len(before), language_named(code)) is certain
