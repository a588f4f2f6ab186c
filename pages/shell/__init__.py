"""All Streamlit glue. A page asks, answers, draws; what that takes is in here."""

from pages.shell.answer import answer
from pages.shell.ask import ask
from pages.shell.cards import cards
from pages.shell.errors import user_errors
from pages.shell.figures import draw
from pages.shell.heading import heading
from pages.shell.words import literal, words

__all__ = ["answer", "ask", "cards", "draw", "heading", "literal", "user_errors", "words"]
