-- Rows of a seed that have the same key; nulls are alike. There are none.
{% for seed, columns in terminology.terminology_keys().items() %}
select '{{ seed }}' as seed, count(*) as number_of_rows
from {{ ref(seed) }}
group by {{ columns | join(', ') }}
having count(*) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
