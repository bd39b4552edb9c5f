"""Tables that people bring: one reading of them for all commands, whatever form they have.

`opened_table` reads delimited text of any ending and encoding, Parquet, workbooks, and Arrow tables of any library, in
batches. `roles_of` says which column holds codes, days, ids and names of systems. `reading_of` says what one cell
means, and which codes a number may have been.
"""

from .arrays import cells
from .cells import Cell, Reading, TextNumbers, cell_of, is_code_shaped, is_known, reading_of, shaped_as
from .day_columns import UnreadDays, day_numbers, day_texts, form_of_days
from .days import DayForm, checked_format
from .delimited import DelimitedError, Opening, is_table, opening_of, rows_in
from .names import Role, role_of
from .opening import Source, opened_table, table_in, text_table
from .roles import IsCode, Roles, roles_of, system_column, systems_in
from .tables import Table
from .vocabularies import SystemColumn, canonical, names_systems

__all__ = [
    "Cell",
    "DayForm",
    "DelimitedError",
    "IsCode",
    "Opening",
    "Reading",
    "Role",
    "Roles",
    "Source",
    "SystemColumn",
    "Table",
    "TextNumbers",
    "UnreadDays",
    "canonical",
    "cell_of",
    "cells",
    "checked_format",
    "day_numbers",
    "day_texts",
    "form_of_days",
    "is_code_shaped",
    "is_known",
    "is_table",
    "names_systems",
    "opened_table",
    "opening_of",
    "reading_of",
    "role_of",
    "roles_of",
    "rows_in",
    "shaped_as",
    "system_column",
    "systems_in",
    "table_in",
    "text_table",
]
