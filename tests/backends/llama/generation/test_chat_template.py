from __future__ import annotations

import pytest

from ctxshape.backends.llama._generation.chat_template import chat_frame
from ctxshape.errors import ModelError

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
        ("{% for i in range(10 ** 9) %}x{% endfor %}" + BODY, "OverflowError"),
        ("{% include '/etc/passwd' %}" + BODY, "TypeError"),
    ],
)
def test_templates_that_fail(template: str, says: str) -> None:
    with pytest.raises(ModelError, match=says) as caught:
        chat_frame(template)
    assert "chat_template=''" in str(caught.value)
