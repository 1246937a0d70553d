"""Statements of a register on the screen: words, marks of what has no source, and pages."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from atlas.core.register import Item
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.plan_words import day_words, mark_words, note_words
from atlas.operations.tell import source_item

HOST_END = "/"


def show_statements(items: Iterable[Item], lang: str, *, dated: bool = False) -> None:
    """Statements below each other."""
    for item in items:
        st.markdown(statement(item, lang, dated=dated))


def show_heading(words: str) -> None:
    """A heading inside a section."""
    st.markdown(f"#### {escape_markdown(words)}")


def statement(item: Item, lang: str, *, dated: bool = False) -> str:
    """A statement in Markdown: its title and marks, its text, its notes and sources."""
    title = f"**{escape_markdown(item.title[lang])}**"
    day = day_words(item, lang) if dated else ""
    head = " ".join([title, *([escape_markdown(day)] if day else []), *badges(item, lang)])
    lines = [head, *([escape_markdown(item.text[lang])] if item.text else [])]
    return "  \n".join([*lines, *small(item, lang)])


def badges(item: Item, lang: str) -> list[str]:
    """Marks of what no page says."""
    return [f":orange-badge[{escape_markdown(mark)}]" for mark in mark_words(item, lang)]


def small(item: Item, lang: str) -> list[str]:
    """Notes and sources in small print, a line each."""
    lines = [f":small[:gray[{escape_markdown(note)}]]" for note in note_words(item, lang)]
    if item.source_urls:
        words = translate("plan.sources", lang, sources=links(item.source_urls))
        lines.append(f":small[{words}]")
    return lines


def links(pages: tuple[str, ...]) -> str:
    """Pages as links named by their host; a page that may not stand as a link is plain text."""
    shown = []
    for page in pages:
        held = source_item(page)
        host = escape_markdown(held.text.partition(HOST_END)[0])
        shown.append(f"[{host}]({held.url})" if held.url else host)
    return " · ".join(shown)
