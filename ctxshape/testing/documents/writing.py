"""Writes a text part by part and remembers the true structure, and makes sentences with facts of their own."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ctxshape.testing.faithful.outline import Outline, Part

_PEOPLE = (
    "Ada Lorenz|Ben Okoro|Cleo Marsh|Dina Prato|Emil Haas|Fay Lindqvist|Gus Tadini|Ida Holwick|Jon Vesely|Kim Arden".split("|")
)
_TOWNS = "Jena|Gera|Suhl|Arden|Lindmoor|Cape Rosa|Brin|Hald|Weimar|Nordtor|St. Veit|Kanalufer".split("|")
_THINGS = "tower|mill|reservoir|pump|ferry|bridge|archive|router|boiler|market hall|library|tram depot".split("|")
_STATES = "open|closed|repaired|rented|sold|flooded|painted|heated|inspected|insured".split("|")
_人 = "李明|王芳|张伟|刘洋|陈静|赵磊".split("|")
_地 = "杭州|苏州|成都|青岛|玫瑰角|临港".split("|")
_物 = "灯塔|水库|图书馆|仓库|轮渡|订单".split("|")

FOREIGN: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "de": (
            "Die Frist endet am {hour}. März {year}.",
            "Herr Dr. {name} zahlt z. B. {amount} Euro.",
            "Der Turm ist ca. {amount} m hoch.",
        ),
        "fr": (
            "M. {name} a payé {amount} euros en {year}.",
            "La tour est ouverte, cf. p. {hour}.",
            "« Elle est fermée », dit {name}.",
        ),
        "es": ("El Sr. {name} pagó {amount} euros en {year}.", "¿Quién abrió la torre?", "La torre mide {amount} m."),
        "ru": (
            "Башня построена в {year} г. в городе {town}.",
            "Высота башни {amount} м, т. е. она выше дома.",
            "Её открыл {name}.",
        ),
        "el": ("Ο ναός χτίστηκε το {year} π.Χ. από τον Φαίδρο.", "Το μουσείο ανοίγει στις {hour} π.μ. κάθε μέρα."),
        "ja": ("塔は{year}年に{地}で完成した。", "「塔は閉まっている。」と{人}は言った。", "入場料は{amount}円です。"),
        "ko": ("탑은 {year}년에 완성되었다.", "입장료는 {amount}원입니다."),
        "ar": ("بُني البرج عام {year} في المدينة.", "يبلغ ارتفاعه {amount} مترا؟"),
        "hi": ("मीनार {year} में बनी थी।", "इसकी ऊँचाई {amount} मीटर है।"),
    }
)


class TextWriter:
    """Collects a text and its parts."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.text = ""
        self.parts: list[Part] = []
        self.enumerations: list[Sequence[int]] = []
        self.tables = 0
        self._headings: list[int] = []

    def put(self, text: str) -> None:
        """Writes text that is no part, such as white space, a separator or a tag."""
        self.text += text

    def part(self, text: str, kind: str, *, owners: Sequence[int] = (), **more: Any) -> int:  # noqa: ANN401
        """Writes a part, which belongs to the last heading and to `owners`; returns its index."""
        start = len(self.text)
        self.text += text
        self.parts.append(Part(start, len(self.text), kind, owners=(*self._headings[-1:], *owners), **more))
        return len(self.parts) - 1

    def bring(self, index: int, others: Sequence[int]) -> None:
        """Makes a part bring other ones along."""
        self.parts[index] = self.parts[index]._replace(brings=tuple(others))

    def heading(self, text: str, level: int) -> None:
        """Writes a heading, to which all parts up to the next one belong."""
        self._headings = [one for one in self._headings if self.parts[one].level < level]
        self._headings.append(self.part(text, "heading", form="line", role="heading", level=level))

    def sentences(self, texts: Sequence[str], joint: str = " ", owners: Sequence[int] = ()) -> None:
        """Writes sentences with a joint between them."""
        for number, text in enumerate(texts):
            self.put(joint if number else "")
            self.part(text, "sentence", owners=owners)

    def block(self) -> None:
        """Begins something else, which belongs to no heading above."""
        self.blank_line()
        self._headings = []

    def blank_line(self) -> None:
        """Ends a block."""
        if self.text:
            self.text = self.text.rstrip("\n") + "\n\n"

    def table(self) -> int:
        """Returns the number of a new table."""
        self.tables += 1
        return self.tables

    def outline(self, language: str = "") -> Outline:
        """Returns the outline of what has been written."""
        return Outline(self.parts, language, self.enumerations)


def amount(rng: random.Random) -> str:
    """Returns a number that hardly any other call gives."""
    whole = rng.randint(1, 99)
    return rng.choice((f"{whole + 10}", f"{whole}.{rng.randint(1, 9)}", f"{whole % 9 + 1},{rng.randint(100, 999)}"))


def name(rng: random.Random) -> str:
    """Returns the name of a person."""
    return rng.choice(_PEOPLE)


def town(rng: random.Random) -> str:
    """Returns the name of a town."""
    return rng.choice(_TOWNS)


def thing(rng: random.Random) -> str:
    """Returns a noun."""
    return rng.choice(_THINGS)


def sentence(rng: random.Random) -> str:
    """Returns an English sentence that ends in a full stop."""
    form = rng.choice(
        (
            "The {thing} of {town} was built by {name} in {year}.",
            "In {town} the {thing} is {state} from {hour} o'clock on.",
            "It costs {amount} euros a day, and {amount} euros on Sundays.",
            "{name} raised the limit from {amount} to {amount}.",
            "Dr. {name} measured {amount} m at the {thing} (see No. {amount}).",
            "The {thing} was {state} in {year}, but not the {thing} of {town}.",
            "“The {thing} is {state},” said {name}.",
            "About {amount} people use the {thing}, e.g. those of {town}.",
            "It had been {amount} since {year}.",
            "Holwick et al. [{year}] found {amount} m at the {thing} (Fig. 2, Eq. (3)).",
            "J. R. {name} of Brin Co. paid {amount} euros, i.e. too much, in the U.S. in {year}.",
            "Whoever loses the key of the {thing} pays {amount} euros to the office in {town}.",
        )
    )
    return form.format_map(_Fresh(rng))


def foreign_sentence(rng: random.Random, language: str) -> str:
    """Returns a sentence in a language of FOREIGN."""
    return rng.choice(FOREIGN[language]).format_map(_Fresh(rng))


def phrase(rng: random.Random) -> str:
    """Returns a few words without an end mark."""
    form = rng.choice(("the {thing} of {town} is {state}", "{name} pays {amount} euros", "the key of the {thing} is lost"))
    return form.format_map(_Fresh(rng))


def chinese_sentence(rng: random.Random) -> str:
    """Returns a Chinese sentence that ends in a full stop."""
    form = rng.choice(
        (
            "{地}的{物}由{人}于{year}年建造。",
            "{人}把上限从{amount}提高到{amount}，自{year}年起生效。",
            "{地}的{物}每天接待{amount}人。",
            "{人}说：“{物}在{地}，不在{地}。”",
            "遗失{物}钥匙的人须向{地}的办公室支付{amount}元。",
        )
    )
    return form.format_map(_Fresh(rng))


def chinese_phrase(rng: random.Random) -> str:
    """Returns a few Chinese words without an end mark."""
    return rng.choice(("{地}的{物}已关闭{amount}天", "{人}未支付{amount}元", "{物}的钥匙在{地}遗失")).format_map(_Fresh(rng))


def sentence_list(rng: random.Random, least: int = 1, most: int = 4) -> list[str]:
    """Returns several English sentences."""
    return [sentence(rng) for _ in range(rng.randint(least, most))]


class _Fresh(dict[str, str]):
    """Fills each field of a form anew, so that the same field gets different values."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng

    def __missing__(self, key: str) -> str:
        rng = self._rng
        return {
            "thing": lambda: thing(rng),
            "town": lambda: town(rng),
            "name": lambda: name(rng),
            "state": lambda: rng.choice(_STATES),
            "amount": lambda: amount(rng),
            "year": lambda: str(rng.randint(1750, 2024)),
            "hour": lambda: str(rng.randint(1, 12)),
            "人": lambda: rng.choice(_人),
            "地": lambda: rng.choice(_地),
            "物": lambda: rng.choice(_物),
        }[key]()
