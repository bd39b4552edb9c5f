-- Days that the coverage of a system has twice or not at all; there are none.
select system, valid_from, valid_to
from (
    select
        system, valid_from, valid_to,
        lag(system) over (partition by system order by coalesce(valid_from, cast('0001-01-01' as date))) as before,
        lag(valid_to) over (partition by system order by coalesce(valid_from, cast('0001-01-01' as date))) as ended
    from {{ ref('terminology_coverage') }}
) as periods
where (before is null and valid_from is not null) or (before is not null and (ended is null or ended <> valid_from))
