"""Text that comes from data or from users."""

from __future__ import annotations

import html
import re
import unicodedata
from difflib import get_close_matches
from typing import TYPE_CHECKING

from pypinyin import Style, lazy_pinyin

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_TEXT = 20_000
"""Characters that one attribute may hold; longer text is a mistake or an attack."""

ID = re.compile(r"[\w.-]+")
"""What a feature's id is made of: letters of any script, digits and three signs."""
JOINERS = "\u200c\u200d"
"""Zero-width signs that some scripts need inside a word."""
LINK_BREAKERS = "()[]<>{}\\`\"'|$*"
"""Signs that may end a Markdown link, or start something else inside it."""
MARKDOWN_SIGNS = "\\`*_{}[]()<>#+-.!|~$:"


def escape(text: object) -> str:
    """Escape a value for HTML text and attributes.

    >>> escape('<img onerror="x">')
    '&lt;img onerror=&quot;x&quot;&gt;'
    """
    return html.escape(str(text), quote=True)


def escape_markdown(text: str) -> str:
    r"""Put a backslash before every sign that Markdown would act on.

    >>> escape_markdown("a_b <i>")
    'a\\_b \\<i\\>'
    """
    return "".join(f"\\{sign}" if sign in MARKDOWN_SIGNS else sign for sign in text)


def is_web_address(text: str) -> bool:
    """Whether a text may stand as a link: http or https, no sign that would break Markdown."""
    return text.startswith(("http://", "https://")) and not any(
        sign in LINK_BREAKERS or sign.isspace() or not sign.isprintable() for sign in text
    )


def split_sources(text: str | None) -> tuple[str, ...]:
    """Split the sources of one cell: addresses stand apart, other words stay together."""
    return tuple(part.strip() for part in re.split(r"\s(?=https?://)", text or "") if part.strip())


def fold(text: str) -> str:
    """Reduce a name to what a search compares: no case, accents, spaces or apostrophes.

    >>> fold("Ma’an Shān")
    'maanshan'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if sign.isalnum())


def pinyin(text: str) -> str:
    """Romanise Chinese text without tones (library pypinyin); other text stays.

    >>> pinyin("长兴县")
    'changxingxian'
    """
    return "".join(lazy_pinyin(text, style=Style.NORMAL))


def pinyin_initials(text: str) -> str:
    """First letters of the pinyin of each character.

    >>> pinyin_initials("南京")
    'nj'
    """
    return "".join(syllable[:1] for syllable in lazy_pinyin(text, style=Style.NORMAL))


def near_words(word: str, words: Iterable[str], *, at_most: int = 3) -> list[str]:
    """Words that look like ``word``, best first (difflib's ratio)."""
    return get_close_matches(word, list(words), n=at_most, cutoff=0.5)


def width_of(text: str) -> int:
    """Columns that a text takes in a terminal: Chinese signs take two.

    >>> width_of("南京 A")
    6
    """
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def has_control_signs(text: str) -> bool:
    """Whether the text holds control characters other than a line break or a tab.

    Half a surrogate pair counts as one: it cannot be written as UTF-8.
    """
    return any(unicodedata.category(sign) in ("Cc", "Cs") and sign not in "\n\t" for sign in text)


def has_hidden_signs(text: str) -> bool:
    """Whether the text holds format signs, such as those that turn the direction of writing.

    >>> has_hidden_signs("Hu\u200bai"), has_hidden_signs("Huai")
    (True, False)
    """
    return any(unicodedata.category(sign) == "Cf" and sign not in JOINERS for sign in text)
