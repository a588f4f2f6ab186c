"""Errors a user can mend. Everything else is a bug and is left to crash."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can change: fact, cause and next step, worded in `errors.<key>` of both languages.

    `facts` fill the placeholders of the wording. They are shown to the user and never logged, so
    they may name a file or a column but must not carry a customer's data.
    """

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _rebuild, (self.key, self.facts)


def _rebuild(key: str, facts: dict[str, object]) -> UserError:
    return UserError(key, **facts)
