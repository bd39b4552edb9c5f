"""Groupings of codes: tables that put codes of a code system into categories, from one loader for each publisher's family.

`tables` has the parts that every family makes, `assembly` makes versions of them, and each family reads its own files.
"""
