-- Codes of all systems in force, each with its periods.
{% for system in terminology.terminology_systems() %}
select
    '{{ system }}' as system,
    code, match_code, title, status, billable, kind, parent, chapter, valid_from, valid_to
from {{ ref('terminology_' ~ system | replace('-', '_')) }}
{{ 'union all' if not loop.last }}
{% endfor %}
