"""What goes wrong, on screen: a mistake the user can mend is explained, a bug is shown without its contents."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.errors import UserError
from analytics.machine import limit_met
from pages.shell.words import literal_facts, words

if TYPE_CHECKING:
    from analytics.fits import Fit

_log = logging.getLogger("tierwise")


class Locked(Exception):
    """The study lacks data; whoever catches it draws `show`."""

    def __init__(self, study: object, gaps: object) -> None:
        super().__init__()
        self.study = study
        self.gaps = gaps


class Unfitted(Exception):
    """The study reads a fit that is not made yet; whoever catches it has it made."""

    def __init__(self, fit: Fit, params: Mapping[str, Any]) -> None:
        super().__init__()
        self.fit = fit
        self.params = params


@contextmanager
def user_errors() -> Iterator[None]:
    """Run a part of a page. UserError becomes a panel with fact, cause and next step; a locked study its empty state; a
    fit that is missing is made.

    Anything else is a bug: the log gets where it happened, never the message, which may quote a customer's data.
    """
    from pages.shell.empty import locked
    from pages.shell.fitting import fitting

    try:
        yield
    except UserError as error:
        explain(error)
    except Locked as error:
        locked(error.study, error.gaps)
    except Unfitted as error:
        fitting(error.fit, error.params)
    except Exception as error:
        if limit := limit_met(error):
            return explain(limit)
        _log.error("%s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
        st.error(words()("shell.crash", kind=type(error).__name__), icon=":material/bug_report:")
        st.stop()


def explain(error: UserError) -> None:
    """Fact, cause and next step, in the session's language. Facts may quote a file: they are shown literally."""
    say = words()
    fact, cause, step = say.error(UserError(error.key, **literal_facts(error.facts)))
    st.error(f"**{fact}**\n\n{cause}\n\n{say('shell.next_step')} {step}", icon=":material/error:")
