"""Reading release files: open, sniff, decode; fixed width, sheets, safe XML. Public, for loaders and crosswalks alike.

Every cell knows its file, line and column, and all errors of a file are collected before any is raised.
"""

from .archives import directory_bytes, is_office_document
from .dates import calendar_day
from .faults import Faults, Tolerance, companion, may_be_slips, tolerating
from .files import ReadableFile
from .labels import LABEL, day_in, first_day_of, stated_day, stated_release, whole_number
from .limits import Budget, Limits, check_memory, limits_from
from .native import OLE_MAGIC, Sheet, first_sheet, parquet_table, pdf_pages, sheets_of
from .objects import Element, PlacedText, json_document
from .openings import MOST_COLUMNS, Opening, check_header, columns_below, opening_of, rows_below, stated_values
from .text import decoded, from_bytes, in_bytes, lines_of, xml_root
from .walk import readable_files

__all__ = [
    "LABEL",
    "MOST_COLUMNS",
    "OLE_MAGIC",
    "Budget",
    "Element",
    "Faults",
    "Limits",
    "Opening",
    "PlacedText",
    "ReadableFile",
    "Sheet",
    "Tolerance",
    "calendar_day",
    "check_header",
    "check_memory",
    "columns_below",
    "companion",
    "day_in",
    "decoded",
    "directory_bytes",
    "first_day_of",
    "first_sheet",
    "from_bytes",
    "in_bytes",
    "is_office_document",
    "json_document",
    "limits_from",
    "lines_of",
    "may_be_slips",
    "opening_of",
    "parquet_table",
    "pdf_pages",
    "readable_files",
    "rows_below",
    "sheets_of",
    "stated_day",
    "stated_release",
    "stated_values",
    "tolerating",
    "whole_number",
    "xml_root",
]
