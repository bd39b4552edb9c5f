{#
  Rows with what each code is on its own day, as a query.

  rows     a relation (ref or source) with a column of codes and a column of days
  code     name of the column of codes, in any case, with or without dots
  day      name of the column of days
  system   short name of the code system, as icd10cm
  columns  what to add, each as <code>_<column>; and <code>_valid, which is
             true   the code is in force on the day
             false  it is not
             null   no loaded release covers the day, so that nobody can say
#}
{% macro terminology_as_of(rows, code, day, system, columns=['code', 'title', 'billable', 'parent', 'chapter']) %}
select
    asked.*,
    {%- for column in columns %}
    held.{{ column }} as {{ code }}_{{ column }},
    {%- endfor %}
    case
        when held.code is not null then true
        when covered.covered then false
    end as {{ code }}_valid
from {{ rows }} as asked
left join {{ ref('terminology', 'terminology_' ~ system | replace('-', '_')) }} as held
    on held.match_code = {{ terminology.terminology_match_code('asked.' ~ code, system) }}
    and (held.valid_from is null or held.valid_from <= asked.{{ day }})
    and (held.valid_to is null or asked.{{ day }} < held.valid_to)
left join {{ ref('terminology', 'terminology_coverage') }} as covered
    on covered.system = '{{ system }}'
    and (covered.valid_from is null or covered.valid_from <= asked.{{ day }})
    and (covered.valid_to is null or asked.{{ day }} < covered.valid_to)
{% endmacro %}
