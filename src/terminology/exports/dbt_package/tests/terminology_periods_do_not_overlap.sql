-- Periods of a code that begin before the one before them has ended; there is none.
{% for system in terminology.terminology_systems() %}
select '{{ system }}' as system, code, valid_from, valid_to
from (
    select
        code, valid_from, valid_to,
        lag(code) over (partition by code order by valid_from) as code_before,
        lag(valid_to) over (partition by code order by valid_from) as ended
    from {{ ref('terminology_' ~ system | replace('-', '_')) }}
) as periods
where (code_before is not null and (ended is null or ended > valid_from)) or valid_from >= valid_to
{{ 'union all' if not loop.last }}
{% endfor %}
