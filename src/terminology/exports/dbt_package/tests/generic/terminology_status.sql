{# Fails for a status of a code in force that is none. Without arguments, which versions of dbt write differently. #}
{% test terminology_status(model, column_name) %}
select {{ column_name }}, count(*) as number_of_rows
from {{ model }}
where {{ column_name }} not in ('billable', 'header')
group by {{ column_name }}
{% endtest %}
