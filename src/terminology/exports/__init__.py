"""Tables for those who join with their own tools: SQL, an OMOP common data model, dbt.

`intervals` has the status of every code on every day, `coverage` the days that releases cover, `closure` what is above what.
`omop` and `dbt_project` write folders.
"""

from .ancestry import closure
from .folders import Exported
from .omop_vocabulary import omop
from .project import dbt_project
from .time_axis import coverage, intervals

__all__ = ["Exported", "closure", "coverage", "dbt_project", "intervals", "omop"]
