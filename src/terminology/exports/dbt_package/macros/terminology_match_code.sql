{# An expression for a code in the form by which codes of a system are compared: that of the column match_code. #}
{% macro terminology_match_code(expression, system) %}
    {%- set form = terminology.terminology_systems()[system] -%}
    {%- set text = 'trim(' ~ expression ~ ')' -%}
    {%- if form.has_dot %}{% set text = "replace(" ~ text ~ ", '.', '')" %}{% endif -%}
    {{ 'upper(' ~ text ~ ')' if form.any_case else text }}
{%- endmacro %}
