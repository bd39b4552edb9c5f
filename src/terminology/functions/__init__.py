"""The functions that SQL engines have: arrays in, one array out, the same in every engine.

DuckDB hands over 2,048 rows at a time and Spark a quarter of a million, so `Functions` keeps what the batches of a query
share. The answers are those of `terminology.validate`, `annotate`, `members`, `migrate` and `translate`.
"""

from .kernel import Functions
from .signatures import SIGNATURES, Signature

__all__ = ["SIGNATURES", "Functions", "Signature"]
