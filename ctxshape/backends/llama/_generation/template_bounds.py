"""Bounds on the work and the values of a template, counted instead of timed, so that every run has the same result."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import ItemsView, KeysView, ValuesView
from time import thread_time
from typing import Any

STEPS = 100_000  # expressions, items and iterations; chat templates take some hundreds
SIZE = 65_536  # characters and items of one value, and characters of the output
ITEMS = 4_096  # of one list or mapping
DEPTH = 32  # of values, and of calls
BITS = 4_096  # of a whole number
WIDEST = 10_000  # a whole number that a filter or method is given, such as a width
PRODUCT = 1_000_000  # the size of a filter's value times that of its largest argument
SECONDS = 1.0  # of CPU time, should the counted bounds take longer than on the machines that we know

CONTAINERS = (list, tuple, set, frozenset, deque, KeysView, ValuesView, ItemsView, range)
DIGITS = re.compile(r"\d+")


class TemplateTooCostly(Exception):
    """A template exceeds a bound."""


class TemplateBounds:
    """Counts the steps of one template and checks its values. Every check raises TemplateTooCostly beyond its bound."""

    def __init__(self) -> None:
        self._left = STEPS
        self._end = thread_time() + SECONDS

    def spend(self, steps: int) -> None:
        """Counts steps."""
        self._left -= steps
        if self._left < 0:
            raise TemplateTooCostly(f"it takes more than {STEPS:,} steps")
        if self._left % 256 < steps and thread_time() > self._end:
            raise TemplateTooCostly(f"it takes more than {SECONDS:g} s")

    def weigh(self, value: object) -> int:
        """Returns the size of a value: its characters and items, each as often as its text would show it."""
        size = 0
        ahead: list[tuple[Any, int]] = [(value, 0)]
        while ahead:
            item, depth = ahead.pop()
            self.spend(1)
            size += 1
            if isinstance(item, str):
                size += len(item)
            elif isinstance(item, int):
                size += self.check_number(item)
            elif isinstance(item, (dict, *CONTAINERS)):
                if len(item) > ITEMS or depth > DEPTH:
                    raise TemplateTooCostly(f"a value has more than {ITEMS:,} items or {DEPTH} levels")
                parts = (part for pair in item.items() for part in pair) if isinstance(item, dict) else item
                ahead += [(part, depth + 1) for part in parts]
            self.check_size(size)
        self.spend(size // 64)
        return size

    def check_size(self, size: int) -> None:
        """Checks the size of a value, or of the output."""
        if size > SIZE:
            raise TemplateTooCostly(f"a value has more than {SIZE:,} characters")

    def check_number(self, number: int) -> int:
        """Checks a whole number. Returns about the number of its digits."""
        if number.bit_length() >= BITS:
            raise TemplateTooCostly(f"a number has more than {BITS:,} bits")
        return number.bit_length() // 3

    def check_width(self, number: int) -> int:
        """Checks and returns a number that may be a width or a count."""
        if abs(number) > WIDEST:
            raise TemplateTooCostly(f"a filter, method or format is given a number above {WIDEST:,}")
        return abs(number)

    def check_format(self, text: str) -> int:
        """Checks the widths in a format. Returns the largest number in it."""
        found = (int(digits) if len(digits) < 9 else WIDEST + 1 for digits in DIGITS.findall(text))
        return self.check_width(max(found, default=0))

    def check_printf(self, text: str, values: object) -> None:
        """Checks the length that `text % values` may have."""
        given = values if isinstance(values, tuple) else (values,)
        stars = [self.check_width(value) for value in given if isinstance(value, int)] if "*" in text else []
        widest = max(self.check_format(text), *stars, 0)
        self.check_size(len(text) + text.count("%") * (self.weigh(values) + widest))

    def check_product(self, left: object, right: object) -> None:
        """Checks `left * right`."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, (str, *CONTAINERS)) and isinstance(other, int):
                self.check_size(self.weigh(one) * max(0, other))

    def check_power(self, left: object, right: object) -> None:
        """Checks `left ** right`."""
        if isinstance(left, int) and isinstance(right, int):
            self.check_number(1 << max(0, min(left.bit_length() * right, BITS)))

    def check_growth(self, value: object, arguments: list[Any]) -> None:
        """Checks a call whose result may be as large as `value` times its largest argument, and counts its work."""
        sizes = [self.check_width(one) if isinstance(one, int) else self.weigh(one) for one in arguments]
        product = self.weigh(value) * max(sizes, default=1)
        if product > PRODUCT:
            raise TemplateTooCostly(f"a filter or method might make a value of {product:,} characters")
        self.spend(product // 256)
