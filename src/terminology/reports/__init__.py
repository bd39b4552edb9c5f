"""What people read: self-contained HTML pages and flat tables made of answers.

A page is one file: it loads nothing, needs no script to be read, and can be kept, sent and printed. Texts of
licensed code systems are left out unless their licence is declared (`terminology.licences`), and the page says so.
"""

from .difference import difference_page
from .flat import difference_csv

__all__ = ["difference_csv", "difference_page"]
