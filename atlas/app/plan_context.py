"""What surrounds the plan: who promotes it, and what other regions did."""

from __future__ import annotations

import streamlit as st

from atlas.app.plan_statements import badges, show_heading, show_statements, small, statement
from atlas.cartography.governance import to_dot
from atlas.core.register import (
    BODY,
    CHALLENGE,
    FACT,
    LESSON,
    LINK,
    QUESTION,
    REFERENCE,
    Item,
    Register,
)
from atlas.core.text import escape_markdown
from atlas.i18n import translate
from atlas.operations.plan import Plan
from atlas.operations.plan_words import day_words, learn_words

CARDS_IN_A_ROW = 2
IDENTITY, MECHANISM = "identity", "mechanism"


def show_identity(plan: Plan, lang: str) -> None:
    """What the plan is, each fact with its source; its open questions."""
    st.markdown(statement(plan.head, lang))
    with st.expander(translate("plan.identity", lang)):
        show_statements(_facts(plan, IDENTITY), lang)
    questions = plan.register.in_area(QUESTION, "")
    with st.expander(translate("plan.questions_plan", lang, count=len(questions))):
        show_statements(questions, lang)


def _facts(plan: Plan, group: str) -> list[Item]:
    return [item for item in plan.register.of(FACT) if item.group == group]


def show_governance(plan: Plan, lang: str) -> None:
    """The promotion mechanism as a diagram, and as a list that says the same with sources."""
    st.subheader(translate("plan.governance", lang), divider="gray")
    left, right = st.columns([3, 2], gap="large")
    register = plan.register
    with left:
        dot = to_dot(register, lang, unknown=translate("plan.role_unknown", lang))
        st.graphviz_chart(dot, width="content")
        st.caption(translate("plan.governance_help", lang))
    with right:
        show_statements(_facts(plan, MECHANISM), lang)
    with st.expander(translate("plan.governance_list", lang)):
        show_statements(register.of(BODY), lang)
        st.markdown("\n".join(_relation(link, register, lang) for link in register.of(LINK)))


def _relation(link: Item, register: Register, lang: str) -> str:
    titles = {body.id: body.title[lang] for body in register.of(BODY)}
    words = translate(
        "plan.relation", lang, origin=titles[link.origin], target=titles[link.target],
        relation=link.title[lang],
    )  # fmt: skip
    parts = [escape_markdown(words), *badges(link, lang), *small(link, lang)]
    return f"- {' '.join(parts)}"


def show_references(plan: Plan, lang: str) -> None:
    """International references as cards below the lever that they stand for; the challenges."""
    register = plan.register
    st.subheader(translate("plan.references", lang), divider="gray")
    st.caption(translate("plan.references_help", lang))
    for lesson in register.of(LESSON):
        st.markdown(statement(lesson, lang))
        _show_cards([r for r in register.of(REFERENCE) if r.lesson == lesson.id], lang)
    show_heading(translate("plan.challenges", lang))
    for challenge in register.of(CHALLENGE):
        st.markdown(statement(challenge, lang))
        _show_cards([r for r in register.of(REFERENCE) if r.challenge == challenge.id], lang)


def _show_cards(references: list[Item], lang: str) -> None:
    for start in range(0, len(references), CARDS_IN_A_ROW):
        columns = st.columns(CARDS_IN_A_ROW, gap="small")
        for column, item in zip(columns, references[start:], strict=False):
            with column, st.container(border=True, height="stretch"):
                _show_card(item, lang)


def _show_card(item: Item, lang: str) -> None:
    day = day_words(item, lang)
    since = f" :gray-badge[{translate('plan.since', lang, day=day)}]" if day else ""
    st.markdown(f"**{escape_markdown(item.title[lang])}**{since} {' '.join(badges(item, lang))}")
    st.markdown(escape_markdown(item.text[lang]))
    st.markdown(escape_markdown(learn_words(item, lang)))
    st.markdown("  \n".join(small(item, lang)))
