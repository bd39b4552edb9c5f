"""Search: the words of a code system's titles, notes and indexes, and which terms answer a question.

This room knows terms, words and releases by their numbers. Which of the codes that terms lead to may answer on a day is
decided in `terminology.query.searching`, which leans on it.
"""
