from __future__ import annotations

import time
import tracemalloc
from itertools import pairwise

import pytest

from ctxshape.backends.llama._generation.chat_template import PLACEHOLDER, PlainPrompt, chat_frame, model_frame
from ctxshape.errors import ModelError

from .real_templates import REAL, rendered_by_jinja

CHATML = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
BODY = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


@pytest.mark.parametrize("template", [None, ""])
def test_a_base_model_has_a_bare_frame(template: str | None) -> None:
    assert chat_frame(template) == ("", "", False)


def test_chatml() -> None:
    assert chat_frame(CHATML) == ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n", True)


def test_control_texts_are_passed() -> None:
    assert chat_frame("{{ bos_token }}[INST] " + BODY + " [/INST]{{ eos_token }}", "<s>", "</s>")[:2] == (
        "<s>[INST] ",
        " [/INST]</s>",
    )


def test_a_template_that_trims() -> None:
    assert chat_frame("A {% for m in messages %}{{ m['content'] | trim }}{% endfor %} B")[:2] == ("A ", " B")


def test_a_template_that_wants_parts() -> None:
    template = (
        "U:{% for m in messages %}{% for part in m['content'] if part is mapping %}{{ part['text'] }}{% endfor %}{% endfor %}:E"
    )
    assert chat_frame(template)[:2] == ("U:", ":E")


def test_names_that_hugging_face_gives() -> None:
    template = "{% generation %}{{ strftime_now('%%') }}{{ {'a': 'é'} | tojson }}{% endgeneration %}" + BODY
    assert chat_frame(template)[0] == '%{"a": "é"}'


def test_a_template_that_refuses_a_system_role_is_given_none() -> None:
    template = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}" + BODY
    assert chat_frame(template) == ("", "", True)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("nothing of it", "0 times"),
        (BODY + BODY, "2 times"),
        ("{% for m in messages %}{{ m['content'] | upper }}{% endfor %}", "0 times"),
        ("{{ raise_exception('not today') }}", "not today"),
        ("{% if %}", "TemplateSyntaxError"),
        ("{{ messages[3].content.x }}", "UndefinedError"),
        ("{{ ''.__class__.__mro__[1].__subclasses__() }}" + BODY, "SecurityError"),
        ("{{ raise_exception.__globals__['re'] }}" + BODY, "SecurityError"),
        ("{{ messages.append(1) }}" + BODY, "SecurityError"),
        ("{% for i in range(10 ** 9) %}x{% endfor %}" + BODY, "range has more than 4,096"),
        ("{% include '/etc/passwd' %}" + BODY, "TypeError"),
    ],
)
def test_templates_that_fail(template: str, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        chat_frame(template)
    assert "chat_template=''" in str(caught.value)


@pytest.mark.parametrize("template", REAL, ids=range(len(REAL)))
def test_real_templates_are_rendered_as_jinja_renders_them(template: str) -> None:
    before, after, chat = chat_frame(template, "<s>", "</s>")
    expected = rendered_by_jinja(template, PLACEHOLDER)
    if PLACEHOLDER not in expected:  # it wants the content in parts
        expected = rendered_by_jinja(template, [{"type": "text", "text": PLACEHOLDER}])
    assert (before + PLACEHOLDER + after, chat) == (expected, True)


GROW = "{% set ns = namespace(x='a') %}"
MANY = "{% for a in range(4000) %}"
END = "{% endfor %}"
HOSTILE = {
    "nested loops": MANY * 6 + "x" + END * 6,
    "nested loops without output": MANY * 6 + END * 6,
    "loops within the bound of one": ("{% for a in range(300) %}" * 3 + END * 3) * 50,
    "a huge range": "{% for a in range(10**8) %}" + END,
    "a list of a huge range": "{{ range(10**9) | list | length }}",
    "multiplied text": "{{ 'a'*10**9 }}",
    "multiplied list": "{{ [1] * 10**9 }}",
    "multiplied in steps": "{% set x = 'a' * 60000 %}{{ (x * 60000) | length }}",
    "a huge power": "{{ 10**(10**10) }}",
    "powers of powers": "{{ (9**99)**(9**99) }}",
    "doubled by plus": GROW + "{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
    "doubled by tilde": GROW + "{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
    "many joined by tilde": "{% set x = 'a' * 60000 %}{% set y = " + " ~ ".join(["x"] * 9000) + " %}",
    "doubled by a block": GROW + "{% for i in range(60) %}{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}",
    "constant text in a block": "{% set x %}" + MANY + "y" * 50000 + END + "{% endset %}",
    "printf": "{{ '%0999999999d' | format(1) }}",
    "printf by the operator": "{{ '%0999999999d' % 1 }}",
    "printf with a star": "{{ '%*d' % (10**9, 1) }}",
    "printf with odd keys": "{{ '%(a(b))0999999999d' % {'a(b)': 1} }}",
    "printf that repeats": "{% set x = 'a' * 60000 %}{{ ('%(a)s' * 9000) % {'a': x} }}",
    "format": "{{ '{:999999999}'.format(1) }}",
    "format with an inner width": "{{ '{:>{w}}'.format(1, w=10**9) }}",
    "format that repeats": "{% set x = 'a' * 60000 %}{{ ('{0}' * 9000).format(x) }}",
    "format_map": "{{ '{a:999999999}'.format_map({'a': 1}) }}",
    "center": "{{ 'a' | center(10**9) }}",
    "a method of text": "{{ 'a'.center(10**9) }}",
    "tabs": "{{ '\\t'.expandtabs(10**9) }}",
    "zeros": "{{ '1'.zfill(10**9) }}",
    "bytes of a number": "{{ (1).to_bytes(10**9, 'big') | length }}",
    "join": "{{ range(4000) | join('a' * 60000) | length }}",
    "join a huge range": "{{ range(10**9) | join }}",
    "the method join": "{{ ('a' * 60000).join('b' * 60000) | length }}",
    "replace": "{{ ('a' * 60000) | replace('a', 'b' * 60000) | length }}",
    "the method replace": "{{ ('a' * 60000).replace('', 'b' * 60000) | length }}",
    "indent": "{{ ('a\\n' * 30000) | indent(10**6) | length }}",
    "batch": "{{ [1] | batch(10**9, 0) | list }}",
    "slice": "{{ [1] | slice(10**9) | list | length }}",
    "round": "{{ 1 | round(10**9, 'ceil') }}",
    "JSON": "{{ [[[[1]]]] | tojson(indent=10**9) }}",
    "map with a width": "{{ ['a'] | map('center', 10**9) | list }}",
    "a macro that calls itself": "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "a macro that calls itself twice": "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}"
    "{% endmacro %}{{ f(30) }}",
    "macros that call each other": "{% macro f() %}{{ g() }}{% endmacro %}{% macro g() %}{{ f() }}{% endmacro %}{{ g() }}",
    "a caller that calls": "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}{{ f() }}",
    "a recursive loop": "{% set a = [1] %}{% for x in a recursive %}{{ loop(a) }}{% endfor %}",
    "a block in itself": "{% block a %}{{ self.a() }}{% endblock %}",
    "a list in lists": "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}"
    "{% endfor %}{{ ns.a }}",
    "compared lists": "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}"
    "{% set ns.b = [ns.b, ns.b] %}{% endfor %}{{ ns.a == ns.b }}",
    "lists in arguments": "{% macro f(n) %}{% if n < 30 %}{{ f(n + 1, varargs, varargs) }}{% else %}{{ varargs }}{% endif %}"
    "{% endmacro %}{{ f(0, 1) }}",
    "a deep list": "{% set ns = namespace(a=[1]) %}{% for i in range(4000) %}{% set ns.a = [ns.a] %}{% endfor %}{{ ns.a }}",
    "a namespace in itself": "{% set ns = namespace() %}{% set ns.a = [ns, ns] %}{{ ns.a }}"
    "{{ raise_exception(ns.a | string) }}",
    "maps of maps": "{{ range(4000) | map('string')" + " | map('string')" * 100 + " | list | length }}",
    "a sum of lists": "{% for i in range(400) %}{{ (range(2000) | batch(1) | sum(start=[])) | length }}{% endfor %}",
    "a list sought in lists": "{% set l = range(4000) | list %}{{ l | select('in', l) | list | length }}",
    "cycler": "{% set c = cycler(1) %}" + MANY * 3 + "{{ c.next() }}" + END * 3,
    "lipsum": "{{ lipsum(n=10**6) }}",
    "dates": "{{ strftime_now('%0999999999Y') }}",
    "digits": "{{ " + "9" * 5000 + " }}",
    "an item of a constant": "{{ 2[0] }}",  # Python's compiler warns of it
    "a deep expression": "{{ " + "(" * 20000 + "1" + ")" * 20000 + " }}",
    "a long sum": "{{ " + "+".join(["1"] * 20000) + " }}",
    "deep ifs": "{% if 1 %}" * 3000 + "{% endif %}" * 3000,
    "deep loops": "{% for a in b %}" * 60 + "{{ a }}" * 8000 + "{% endfor %}" * 60,
    "deep macros": "{% macro f() %}" * 60 + "{{ a }}" * 8000 + "{% endmacro %}" * 60,
    "many expressions": "{{ a }}" * 9000 + "{{ raise_exception('end') }}",
    "long": "x" * 10**7,
    "the class of a text": "{{ ''.__class__.__mro__ }}",
    "globals of a function": "{{ raise_exception.__globals__ }}",
    "internals by a filter": "{{ '' | attr('__class__') }}{{ raise_exception('reached: ' ~ (''|attr('__class__')) ) }}",
    "internals by format": "{{ '{0.__class__}'.format('') }}",
    "internals of self": "{{ self._TemplateReference__context.environment.filters }}",
    "an import": "{% import 'os' as os %}{{ os }}",
}  # fmt: skip


@pytest.mark.parametrize("template", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_template_ends_soon_with_the_plain_prompt(template: str) -> None:
    started = time.process_time()
    with pytest.warns(PlainPrompt, match=r"model\.gguf.*chat template.*chat_template=''") as warned:
        assert model_frame(template, "<s>", "</s>", "'model.gguf'") == ("", "", False)
    assert time.process_time() - started < 2
    assert len(str(warned[0].message)) < 600 and str(warned[0].message).isprintable()


def test_a_hostile_template_takes_little_memory() -> None:
    tracemalloc.start()
    try:
        for name in ("multiplied text", "doubled by tilde", "constant text in a block", "join"):
            with pytest.warns(PlainPrompt):
                model_frame(HOSTILE[name], "", "", "m")
        assert tracemalloc.get_traced_memory()[1] < 30e6
    finally:
        tracemalloc.stop()


def test_a_callers_own_template_that_fails_is_an_error() -> None:
    with pytest.raises(ModelError, match="4,096 items"):
        chat_frame(HOSTILE["a huge range"] + BODY)


def test_the_same_template_has_the_same_reason() -> None:
    reasons = []
    for _ in range(2):
        with pytest.raises(ModelError) as caught:
            chat_frame(HOSTILE["nested loops"])
        reasons.append(str(caught.value))
    assert all(one == other for one, other in pairwise(reasons)) and "100,000 steps" in reasons[0]
