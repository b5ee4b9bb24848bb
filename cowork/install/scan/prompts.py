"""Sentences that turn a model against its user: conceal, override, pretend, give away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cowork.install.scan.rule import Hit, Rule, Severity
from cowork.install.scan.signs import Sign, one_of, search

if TYPE_CHECKING:
    from cowork.install.scan.text import Text

CONCEAL = Rule("scan.conceal", "Nothing is kept from the user", "remove the sentence, or say openly what happens and why")
OVERRIDE = Rule("scan.override", "Nobody's instructions are overridden", "remove the sentence")
FAKE_TURN = Rule("scan.fake_turn", "A text does not pretend to be another's turn", "remove the markers")
BYPASS = Rule("scan.permission_bypass", "Permission checks stay on", "leave permissions to the user")
GIVE_AWAY = Rule("scan.give_away", "Nothing private is sent to an address", "send only what the user asked to send")
RULES = (CONCEAL, OVERRIDE, FAKE_TURN, BYPASS, GIVE_AWAY)

_GAP = r"[\s*>#|]"  # what stands between words once padding is gone
_PERSON = r"(?:user|human|operator|owner|developer|person)"
_USER = rf"(?:the|your|this|any|our) {_PERSON}s?\b"
_NOT = r"(?:do not|don't|never|must not|mustn't|should not|shouldn't|under no circumstances|refrain from|avoid)"
_NOTS = "not n't never circumstances refrain avoid"
_PERSONS = "user human operator owner developer person"
_SOME = r"(?: (?!without\b|unless\b|until\b|before\b)[\w,']{1,15}){0,6}?"
_TELL = r"(?:tell|telling|inform|informing|mention|mentioning|reveal|revealing|disclose|disclosing|let|letting)"
_ENDS = r"(?=\s{0,2}(?:[.!;,:)\"'\]]|$))"
_DEED = r"(?:did|done|ran|run|sent|read|uploaded|installed|executed|copied|changed)"
_MATTER = one_of(
    "upload|download|command|step|instruction|script|file|change|action|request|transfer|process|data|backup|sync",
    "skill|prompt",
)
_DROP = one_of(
    "ignore|disregard|forget|override|overrule|bypass|discard",
    "stop following|do not follow|don't follow|pay no attention to",
)
_DROPS = "ignore disregard forget override overrule bypass discard stop not n't attention"
_FORMERS = "previous prior above earlier preceding foregoing original initial system safety your"
_FORMER = "(?:previous|prior|above|earlier|preceding|foregoing|original|initial|system|safety|your)"
_ORDERS = r"(?:instructions?|prompts?|directives?|guidelines?|rules?|guardrails?|safeguards?)"
_THEM = "(?:this|these|it|that|them|all of this|any of this|everything)"
_CHECKS = one_of(
    r"safety (?:checks?|filters?|features|guardrails?)|guardrails?",
    r"permission (?:checks?|prompts?|system)|security (?:checks?|hooks?)",
)
_PRIVATE = one_of(
    r"\.env|[\w.-]{0,3}/\.ssh|id_rsa|environment variables?|credentials?|private keys?",
    r"conversation(?: history)?|chat history|system prompt",
)
_DO = r"(?:run|execute|send|upload|copy|install|read|collect|download|post|forward|add|change|modify|record|exfiltrate)"
_UP_TO_EIGHT = r"(?:[^\w.-]{1,3}[\w.-]{1,24}){0,8}?[^\w.-]{1,3}"

_NEGATED = r"\b(?:never|not|n't|don't|no|avoid|cannot|can't|without)\b[^.!?\n]{0,80}$"
_JUST_NEGATED = r"\b(?:never|not|don't|can't|cannot|won't)(?:\s\w{1,12})?\s$"


def _said(
    rule: Rule,
    words: str,
    pattern: str,
    message: str,
    *,
    also: str,
    read: Severity = "critical",
    unless: str = "",
    apart: str = '.;:!?()-"`/',
) -> Sign:
    """A sentence: a blank in the pattern stands for any gap. In code it is a string that may become a prompt."""
    run: Severity = "warning" if read == "critical" else "note"
    return Sign(rule, words, pattern.replace(" ", _GAP), message, run, read, unless, also, apart)


SENTENCES = (
    _said(
        CONCEAL,
        "tell* inform* mention* reveal* disclos* let letting",
        rf"\b{_NOT}{_SOME} {_TELL}{_SOME} {_USER}"
        + one_of(
            rf" (?:know )?(?:about|of) (?:this|it|that|these|any|what|your|the (?:\w{{1,12}} ){{0,2}}?{_MATTER}s?)\b",
            rf" (?:know )?(?:that )?you(?:'ve| have)? {_DEED}\b",
            r" (?:know )?(?:anything|this|know)\b",
            _ENDS,
        ),
        "the user is not to be told",
        also=f"{_NOTS} & {_PERSONS}",
    ),
    _said(
        CONCEAL,
        "notify alert report warn",
        rf"\b{_NOT}{_SOME} (?:notify|alert|report|warn){_SOME} {_USER}{_ENDS}",
        "the user is not to be notified",
        also=f"{_NOTS} & {_PERSONS}",
        read="warning",
    ),
    _said(
        CONCEAL,
        "tell inform reveal disclose",
        rf"\b{_NOT}{_SOME} (?:tell|inform|reveal|disclose){_SOME} {_USER}"
        r"(?! (?:to|how|what|which|where|when|if|whether|who|until|unless)\b)",
        "the user is not to be told something",
        also=f"{_NOTS} & {_PERSONS}",
        read="note",
    ),
    _said(
        CONCEAL,
        "without",
        r"\b"
        + one_of(
            rf"without{_SOME} (?:telling|informing|notifying|alerting) {_USER}{_ENDS}",
            rf"without (?:the|your) {_PERSON}(?:'s)? (?:knowledge|awareness|noticing|knowing)\b",
        ),
        "something is to happen without the user's knowledge",
        also=f"telling informing notifying alerting knowledge awareness noticing knowing & {_PERSONS}",
        unless=_NEGATED,
    ),
    _said(
        CONCEAL,
        "without",
        rf"\bwithout{_SOME} (?:telling|informing|notifying|alerting|letting){_SOME} {_USER}",
        "something happens without a word to the user",
        also=f"telling informing notifying alerting letting & {_PERSONS}",
        read="note",
        unless=_NEGATED,
    ),
    _said(
        CONCEAL,
        "keep hide conceal withhold",
        r"\b"
        + one_of(
            rf"(?:keep|hide|conceal|withhold) {_THEM}{_SOME} from {_USER}",
            rf"keep{_SOME} (?:secret|hidden|confidential|a secret|invisible) (?:from|to) {_USER}",
        ),
        "something is to be kept from the user",
        also=f"from secret hidden confidential invisible & {_PERSONS}",
        unless=_NEGATED,
    ),
    _said(
        CONCEAL,
        "know notice find learn told aware informed suspect realize realise",
        rf"\b(?:the|your) {_PERSON} (?:must|should) (?:not|never) (?:ever )?"
        r"(?:know|notice|find out|learn|be told|be aware|be informed|suspect|realize|realise)\b",
        "the user is not to know",
        also=f"must should & not never & {_PERSONS}",
        unless=r"\bif\s$",
    ),
    _said(
        CONCEAL,
        "secretly covertly surreptitiously stealthily silently quietly discreetly back",
        r"\b"
        + one_of(
            rf"(?:secretly|covertly|surreptitiously|stealthily) (?:\w{{1,15}} ){{0,2}}?{_DO}\b",
            r"(?:silently|quietly|discreetly) (?:\w{1,15} ){0,2}?(?:send|upload|exfiltrate|transmit|forward|collect)\b",
            r"behind (?:the|your) user's back\b",
        ),
        "something is to happen in secret",
        also="secretly covertly surreptitiously stealthily silently quietly discreetly behind",
        unless=_NEGATED,
    ),
    _said(
        CONCEAL,
        "mention disclose reveal acknowledge refer talk",
        rf"\b{_NOT} (?:mention|disclose|reveal|acknowledge|refer to|talk about) (?:this|these|it|any of this|the following)"
        r"(?: (?:instruction|step|message|rule|prompt|text|file|note|section|comment|directive)s?)?"
        rf"(?: (?:in|to|with|at)\b|{_ENDS})",
        "something is not to be mentioned",
        also=f"{_NOTS} & this these it the",
        read="warning",
    ),
    _said(
        OVERRIDE,
        "ignore disregard forget override overrule bypass discard following follow attention",
        rf"\b{_DROP} (?:\w{{1,15}} ){{0,4}}?"
        rf"{_FORMER} (?:\w{{1,15}} ){{0,2}}?{_ORDERS}\b",
        "earlier instructions are to be ignored",
        also=f"{_DROPS} & {_FORMERS} & instruction prompt directive guideline rule guardrail safeguard",
        unless=_JUST_NEGATED,
    ),
    _said(
        OVERRIDE,
        "ignore disregard forget",
        r"\b(?:ignore|disregard|forget) "
        + one_of(
            r"(?:all|any|every|the)(?: of)?(?: the| your| other)? instructions?"
            r"(?: and\b| from (?:the )?(?:system|user|developer)\b| above\b|(?=\s{0,2}(?:[.!:]|$)))",
            r"(?:everything|anything|all)(?: that)? you (?:were|have been|'ve been) (?:told|given|instructed)",
            r"(?:everything|anything|all)(?: that)? above(?=\s{0,2}[.!:])",
        ),
        "earlier instructions are to be ignored",
        also="instruct told given above",
        unless=_JUST_NEGATED,
    ),
    _said(
        OVERRIDE,
        "mode jailbroken unrestricted unfiltered longer free",
        r"\b"
        + one_of(
            r"you are (?:now )?(?:in (?:developer|god|jailbreak|unrestricted) mode|jailbroken|unrestricted|unfiltered)\b",
            r"(?:enter|activate|enable) (?:jailbreak|god) mode\b",
            r"(?:no longer bound by|free (?:from|of) (?:all|any)) (?:\w{1,12} ){0,2}?(?:restrictions|guidelines|rules)\b",
        ),
        "the model is to drop its limits",
        also="developer god jail unrestricted unfiltered restrictions guidelines rules",
        unless=_JUST_NEGATED,
    ),
    _said(
        BYPASS,
        "disable bypass circumvent turn",
        rf"\b(?:disable|turn off|bypass|circumvent) (?:\w{{1,12}} ){{0,2}}?{_CHECKS}\b",
        "checks are to be turned off",
        also="safety guardrail permission security & disable turn bypass circumvent",
        read="warning",
        unless=_NEGATED,
    ),
    _said(
        GIVE_AWAY,
        ".env .ssh id_rsa environment credential* private conversation chat system",
        rf"\b(?:send|upload|post|transmit|forward|email|exfiltrate|leak|submit|append|encode){_UP_TO_EIGHT}"
        rf"{_PRIVATE}\b{_UP_TO_EIGHT}(?:https?://|ftp://|[\w.-]{{1,64}}@[\w-]{{1,60}}\.)",
        "private things are to be sent to an address",
        also="https:// http:// ftp:// @ & send upload post transmit forward email exfiltrate leak submit append encode",
        unless=_NEGATED,
        apart="",
    ),
)
MARKS = (
    Sign(
        FAKE_TURN,
        "<| <<sys>> [inst] system-reminder",
        one_of(
            r"<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|eot_id)\|>",
            r"<<sys>>|\[/?inst\]|</?system-reminder>",
        ),
        "a marker that only a host writes between turns",
        "note",
        "warning",
    ),
    Sign(
        BYPASS,
        "skip-permissions bypass-approvals bypasspermissions --yolo",
        r"--dangerously-skip-permissions|--dangerously-bypass-approvals-and-sandbox|\bbypasspermissions\b|\s--yolo\b",
        "an agent is started without permission checks",
        "warning",
        "warning",
    ),
)


def find(text: Text) -> Iterator[Hit]:
    """Every sentence and marker of the tables in a text."""
    yield from search(SENTENCES, text, text.phrases)
    yield from search(MARKS, text, text.commands)
