"""Objects over columns of compiled files that read, and so check, their columns when they are first used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Self


class Lazy:
    """Base of a class with slots whose constructor reads columns, so that its instances can be made unread.

    An unread instance is of a subclass that knows ``__getattr__``, which is asked for slots that are not filled. It
    calls the constructor, and the instance is of the class itself from then on: reading an attribute costs what
    it would cost without this. Where the constructor raises, the instance stays unread and raises again.
    """

    __slots__ = ("_arguments",)
    _arguments: tuple[Any, ...]
    _unread: ClassVar[type[Any]]

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "__getattr__" not in cls.__dict__:
            values = {"__slots__": (), "__module__": cls.__module__, "__getattr__": _reading(cls)}
            metaclass: Any = type(cls)
            cls._unread = metaclass(f"Unread{cls.__name__}", (cls,), values)

    @classmethod
    def unread(cls, *arguments: Any) -> Self:
        """Return an instance that calls the constructor with these arguments when it is first used."""
        made: Self = object.__new__(cls._unread)
        made._arguments = arguments
        return made


def _reading(kind: type[Any]) -> Callable[[Any, str], Any]:
    def read(self: Any, name: str) -> Any:
        # the slots are filled before the class changes, so another thread finds them filled, or fills them too
        kind.__init__(self, *object.__getattribute__(self, "_arguments"))
        self.__class__ = kind
        return getattr(self, name)

    return read
