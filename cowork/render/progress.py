"""What a person sees while a loop runs: one line an event, on stderr."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from typing import Any

from cowork.core.text import one_line
from cowork.render import colour, loop_progress, twin_progress

_STEPS = {
    "chain_draft": "drafts",
    "chain_findings": "reviews",
    "chain_review": "reviews and rewrites",
    "chain_rewrite": "rewrites",
    "consensus_opening": "answers",
    "consensus_round": "answers again",
    "consensus_writing": "writes it down",
    "devil_attack": "objects",
    "devil_proposal": "proposes",
    "devil_reply": "replies",
    "hierarchy_alone": "answers alone",
    "hierarchy_integrate": "puts it together",
    "hierarchy_plan": "plans",
    "hierarchy_replan": "plans again",
    "hierarchy_verify": "verifies",
    "hierarchy_work": "works",
    "judge": "judges",
    "judge_remark": "remarks",
    "opening": "opens",
    "panel_cross": "cross-examines",
    "panel_expert": "answers",
    "panel_lenses": "assigns the lenses",
    "panel_moderator": "moderates",
    "rebuttal": "replies",
    "redblue_attack": "attacks",
    "redblue_build": "builds",
    "redblue_patch": "patches",
    "redblue_verify": "verifies",
    "refine_critique": "criticizes",
    "refine_draft": "drafts",
    "refine_revise": "revises",
    "repair": "repairs its answer",
    "solo": "answers",
    "step_planning": "plans",
    "step_review": "reviews",
    "step_revision": "revises",
    "step_thinking": "thinks",
    "team_layer": "synthesises",
    "team_proposal": "proposes",
    "team_ranking": "ranks",
    "team_synthesis": "synthesises",
    "team_writing": "writes",
}


class Progress:
    """A journal listener that prints the events a person waits for."""

    def __init__(self, choice: str) -> None:
        self._dim, self._plain = ("\x1b[2m", "\x1b[0m") if colour.wanted(sys.stderr, choice) else ("", "")

    def __call__(self, event: dict[str, Any]) -> None:
        """Show one event."""
        try:
            text = _describe(event["type"], event["data"])
        except (KeyError, TypeError, ValueError, AttributeError):  # not as it should be: others may have written it
            return
        if text:
            try:
                print(f"{self._dim}{text}{self._plain}", file=sys.stderr, flush=True)
            except OSError as error:
                if error.errno != errno.EIO:  # its terminal was closed: nobody reads it, and it is on record
                    raise


def _who(data: dict[str, Any]) -> str:
    """Who does it: subagents by name, the main agent without."""
    return "" if data.get("agent", "main") == "main" else f"{data['agent']}: "


def _judged(data: dict[str, Any]) -> str:
    shown = data["arguments"].get("command") or " ".join(str(value) for value in data["arguments"].values())
    refused = "" if data["verdict"] == "allowed" else f"  {data['verdict']}: {data['reason']}"
    return one_line(f"  {_who(data)}{data['tool']} {one_line(str(shown), 100)}{refused}", 400)


def _completed(data: dict[str, Any]) -> str:
    return one_line(f"  {_who(data)}{data['tool']} failed: {data['text']}", 200) if data["error"] else ""


_AGENT: dict[str, Callable[[dict[str, Any]], str]] = {
    "tool.judged": _judged,
    "tool.completed": _completed,
    "subagent.started": lambda data: one_line(f"  {data['agent']} starts: {data['description']}"),
    "subagent.completed": lambda data: one_line(f"  {data['agent']} {data['status']}: {data['text']}"),
    "question.asked": lambda data: one_line(f"  asks: {data['question']} -> {data['answer'] or 'nobody answered'}", 400),
    "hook.ran": lambda data: one_line(f"  hook on {data['event']} blocks: {data['reason']}", 400) if data["blocked"] else "",
    "compaction.completed": lambda data: f"  makes room: {data['tokens_before']} to {data['tokens_after']} tokens",
    "limits.ignored": lambda data: one_line(f"  {data['message']}: {data['cause']}", 400),
    "mcp.failed": lambda data: one_line(f"  MCP server {data.get('server')} is not there: {data.get('message')}", 400),
}


def _bench(kind: str, data: dict[str, Any]) -> str:
    """A run of a bench is one line, when it has ended; its calls are heard of when something is amiss."""
    if kind == "run.started":
        return one_line(f"{data['session']}  bench of {data['task']}: {data['runs']} runs of {data['pattern']}", 400)
    if kind == "bench.answered":
        row = data["row"]
        said = "right" if row["right"] else row["outcome"] if row["outcome"] in ("undecided", "failed") else "wrong"
        time = "" if row["seconds"] is None else f", {row['seconds']:.1f} s"
        return one_line(f"  {row['arm']} on {row['question']}: {said}, {row['calls']} calls{time}")
    if kind in ("call.retrying", "call.waiting", "call.failed"):
        return _describe(kind, {key: value for key, value in data.items() if key != "run"})
    return ""


def _describe(kind: str, data: dict[str, Any]) -> str:
    if "run" in data or data.get("kind") == "bench":
        return _bench(kind, data)
    if kind == "run.started" and "order" in data:
        return loop_progress.begun(data)
    if kind == "run.started" and data.get("kind") == "agent":
        return one_line(f"{data['session']}  {data['agent_name']}: {data['provider']}/{data['model']}, mode {data['mode']}")
    if kind == "run.started":
        seats = ", ".join(f"{seat['name']}={seat['provider']}/{seat['model']}" for seat in data["seats"])
        return one_line(f"{data['session']}  {data['pattern']}: {seats}")
    if kind == "call.started":
        return one_line(f"  round {data['round']}  {data['seat']} {_STEPS.get(data['step'], data['step'])} ...")
    if kind == "call.completed":
        spent = data["usage"]["input"] + data["usage"]["output"]
        return one_line(f"  round {data['round']}  {data['seat']} done, {spent} tokens, {data['seconds']:.1f} s")
    if kind == "call.retrying":
        return one_line(f"  {data.get('seat') or data.get('agent')} waits {data['wait_s']:.0f} s: {data['message']}")
    if kind == "call.waiting":
        return one_line(f"  {data.get('seat') or data.get('agent')} waits {data['wait_s']:.0f} s: its key is to be spared")
    if kind == "call.failed":
        return one_line(f"  {data['seat']} failed: {data['message']}")
    if kind in _AGENT:
        return _AGENT[kind](data)
    if kind == "collector.ended":
        return one_line(f"  {data['collector']} {data['status']}, {data['seconds']:.1f} s")
    if kind == "serve.started":
        settings = f"COWORK_PRIVATE_HOSTS={data['private_host']} PLUGIN_PACK_REGISTRY={data['registry']}"
        return f"{one_line(data['registry'])}  {data['entries']} entries; Ctrl-C ends it\n  use it with: {one_line(settings)}"
    return twin_progress.line(kind, data) or loop_progress.line(kind, data)
