"""Chat templates in the manner of well-known models, written for these tests; and what Jinja alone makes of them."""

# ruff: noqa: E501  templates have long lines
from __future__ import annotations

import json
from datetime import date
from typing import NoReturn

CHATML_WITH_SYSTEM = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful assistant<|im_end|>\n' }}{% endif %}"
    "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
TOOLS = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- for tool in tools %}{{- tool | tojson }}{%- endfor %}
{%- elif messages[0]['role'] != 'system' %}
    {{- '<|im_start|>system\\nYou are a model.<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string
        and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}{%- set content = message.content %}{%- else %}{%- set content = '' %}{%- endif %}
    {%- if message.role == "user" or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
        {{- '<|im_start|>assistant\\n' + reasoning + content.split('</think>')[-1].lstrip('\\n') }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}"""
TURNS = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
    "{% for message in messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate') }}{% endif %}{% if (message['role'] == 'assistant') %}"
    "{% set role = 'model' %}{% else %}{% set role = message['role'] %}{% endif %}"
    "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)
PARTS = """{{ bos_token }}
{%- set first_user_prefix = "" -%}
{%- set loop_messages = messages -%}
{%- for message in loop_messages -%}
    {{ '<start_of_turn>' + message['role'] + '\n' + (first_user_prefix if loop.first else "") }}
    {%- if message['content'] is string -%}
        {{ message['content'] | trim }}
    {%- elif message['content'] is iterable -%}
        {%- for item in message['content'] -%}
            {%- if item['type'] == 'image' -%}{{ '<start_of_image>' }}
            {%- elif item['type'] == 'text' -%}{{ item['text'] | trim }}{%- endif -%}
        {%- endfor -%}
    {%- else -%}
        {{ raise_exception("Invalid content type") }}
    {%- endif -%}
    {{ '<end_of_turn>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}{{'<start_of_turn>model\n'}}{%- endif -%}"""
DATED = """{{- bos_token }}
{%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}{%- set date_string = "26 Jul 2024" %}{%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}{%- set messages = messages[1:] %}
{%- else %}{%- set system_message = "" %}{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}{{- "<|eot_id|>" }}
{%- for message in messages %}
    {%- if not (message.role == 'ipython' or message.role == 'tool' or 'tool_calls' in message) %}
        {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif %}"""
INST = """{%- if messages[0]["role"] == "system" %}{%- set loop_messages = messages[1:] %}
{%- else %}{%- set loop_messages = messages %}{%- endif %}
{%- set user_messages = loop_messages | selectattr("role", "equalto", "user") | list %}
{%- for message in loop_messages | rejectattr("role", "equalto", "tool") | rejectattr("role", "equalto", "tool_results")
    | selectattr("tool_calls", "undefined") %}
    {%- if (message["role"] == "user") != (loop.index0 % 2 == 0) %}{{- raise_exception("roles must alternate") }}{%- endif %}
{%- endfor %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}{{- "[INST] " + message["content"] + "[/INST]" }}
    {%- else %}{{- " " + message["content"]|trim + eos_token}}{%- endif %}
{%- endfor %}"""
MACROS = """{%- macro render_type(spec, depth=0) -%}
    {%- if spec.type == "array" -%}{{ render_type(spec['items'], depth + 1) }}[]
    {%- elif spec.type is defined and spec.type is iterable and spec.type is not string -%}{{ spec.type | join(" | ") }}
    {%- elif spec.type == "object" -%}{ {%- for name, one in spec.properties.items() %}
{{ name }}: {{ render_type(one, depth + 1) }}{{ "," if not loop.last }}{%- endfor %} }
    {%- else -%}{{ spec.type | default("any") }}{%- endif -%}
{%- endmacro -%}
{%- macro system(identity) -%}{{ "You are " ~ identity | capitalize ~ ".\n" }}{{ "Date: " + strftime_now("%Y-%m-%d") }}{%- endmacro -%}
{{- "<|start|>system<|message|>" }}{{- system("a model") }}{{- "<|end|>" }}
{%- set spec = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}},
    "b": {"type": ["string", "null"]}, "c": {}}} %}
{{- render_type(spec) }}{{- spec | tojson(indent=2) }}
{%- for message in messages -%}
    {%- if loop.previtem is defined and loop.previtem.role == message.role %}{{ "again" }}{% endif -%}
    {%- set text %}{% if message.content is string %}{{ message.content }}{% else -%}
        {%- for part in message.content if part.type == "text" %}{{ part.text }}{% endfor %}{% endif %}{% endset -%}
    {{- "<|start|>%s<|message|>%s<|end|>" | format(message.role, text) }}{{- "{:>6}|{}".format(loop.index, message.role) }}
{%- else -%}{{ "no messages" }}{%- endfor -%}
{%- if add_generation_prompt -%}<|start|>assistant{%- endif -%}"""
REASONED = (
    "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
    "{% set ns = namespace(is_first=false, is_tool=false, system_prompt='') %}{%- for message in messages %}"
    "{%- if message['role'] == 'system' %}{% set ns.system_prompt = message['content'] %}{%- endif %}{%- endfor %}"
    "{{bos_token}}{{ns.system_prompt}}{%- for message in messages %}{%- if message['role'] == 'user' %}"
    "{%- set ns.is_tool = false -%}{{'<｜User｜>' + message['content']}}{%- endif %}"
    "{%- if message['role'] == 'assistant' and message['content'] is not none %}{% set content = message['content'] %}"
    "{% if '</think>' in content %}{% set content = content.split('</think>')[-1] %}{% endif %}"
    "{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}{%- endif %}{%- endfor -%}"
    "{% if add_generation_prompt and not ns.is_tool %}{{'<｜Assistant｜><think>\\n'}}{% endif %}"
)
ROLES = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
FEATURES = """{%- set items = ['b', 'a', 'c'] -%}{%- set colours = cycler('red', 'blue') -%}{%- set comma = joiner(', ') -%}
{%- for item in items | sort recursive %}{{ comma() }}{{ loop.cycle('odd', 'even') }}{{ colours.next() }}{{ item | upper }}
{%- if loop.changed(item) %}!{% endif %}{%- if loop.nextitem is defined %}>{{ loop.nextitem }}{% endif %}{% endfor -%}
{%- for n in range(10) %}{% if n == 3 %}{% continue %}{% endif %}{% if n > 6 %}{% break %}{% endif %}{{ n ** 2 % 7 }}{% endfor -%}
{%- macro wrap(y) %}<{{ caller(y) }}>{% endmacro -%}
{%- call(x) wrap('w') %}{{ x * 3 }}{% endcall -%}{% filter replace('a', 'o') %}banana{% endfilter -%}
{{ {'x': 1, 'y': [1, 2.5, none, true]} | tojson }}{{ {'b': 1, 'a': 2} | dictsort }}{{ items | map('upper') | join('-') }}
{{ 7 // 2 }}{{ 7 / 2 }}{{ -3 | abs }}{{ '3' | int + 4 }}{{ 2.567 | round(1) }}{{ 'a,b'.split(',') | last }}{{ 'x' ~ 1 ~ none }}
{{ items[1:] }}{{ 'abc'[::-1] }}{{ 'a' in items }}{{ (1, 2) == (1, 2) }}{{ items | length }}{{ "%s=%03d" % ('n', 5) }}
{{ 'one two' | title | indent(2) }}{{ "long text" | truncate(6) }}{{ items | batch(2) | list }}{{ undefined_name | default('d') }}
{{ {'a': 1}.get('b', 'none') }}{{ items | map('length') | sum }}{{ items | unique | list }}{{ '<b>' | e }}{{ '{a}'.format(a=1) }}
{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | first }}{{ items | groupby(0) | list | length }}"""
REAL = [
    CHATML_WITH_SYSTEM, TOOLS, TURNS, PARTS, DATED, INST, MACROS, REASONED, ROLES, FEATURES,
]  # fmt: skip


def rendered_by_jinja(template: str, content: object) -> str:
    """Renders without bounds, as Hugging Face does, in the sandbox."""
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    def fail(message: str) -> NoReturn:
        raise ValueError(message)

    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    environment.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    environment.globals |= {"raise_exception": fail, "strftime_now": lambda pattern: date(2026, 1, 1).strftime(pattern)}
    return environment.from_string(template).render(
        messages=[{"role": "user", "content": content}], add_generation_prompt=True, bos_token="<s>", eos_token="</s>"
    )
