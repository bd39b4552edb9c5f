"""What is in a column of codes, what is wrong with it, and what to do about it: for people who own the data.

`terminology.profile` reads a table once (`counting`), judges what occurs in it, each text and span of days once
(`judging`, `findings`), and returns a `Profile`: a value, a table of what to do, and a page with pictures.
"""

from .making import profile
from .profile import Profile
from .system_profile import ACTIONS, Action, Chapter, EndedCode, Finding, SystemProfile

__all__ = ["ACTIONS", "Action", "Chapter", "EndedCode", "Finding", "Profile", "SystemProfile", "profile"]
