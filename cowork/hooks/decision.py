"""What hooks decided, merged: a block beats everything, then deny over defer over ask over allow."""

from cowork.hooks.answer import DEPRECATED, RANK, read, reason, specific, text_of
from cowork.hooks.events import BLOCKS
from cowork.hooks.records import Merged, Ran

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN_CONTEXT = frozenset({"SessionStart", "UserPromptSubmit"})  # where plain stdout becomes context


def merge(event: str, runs: list[Ran]) -> Merged:
    """One answer from all handlers, by the host's table: exit 2 blocks; other failures are reported and do not.

    Stricter than the host: what cannot be read or run blocks, a failure blocks where its handler says so (`onError`), and
    `continue: false` before a tool stops that tool.
    """
    merging = _Merging(event)
    for run in runs:
        merging.add(run)
    return merging.finish(runs)


class _Merging:
    """An answer as it comes together."""

    def __init__(self, event: str) -> None:
        self.event = event
        self.merged = Merged(0, None, [])
        self.blocks: list[str] = []  # the reasons of those that block outright
        self.decision = ""  # the top-level word, once a handler says "block"
        self.reason = ""

    def add(self, run: Ran) -> None:
        """Take in how one handler ended."""
        answer: dict[str, Any] = {}
        if run.problem:
            self._refuse(f"hook could not be run: {run.command}: {run.problem}", only_where_it_can=True)
            return
        try:
            answer, text = read(self.event, run)
            self._absorb(answer)
            if text and run.exit_code == 0 and self.event in _PLAIN_CONTEXT:
                self.merged.contexts.append(text_of(text))
        except ValueError as error:
            self._refuse(f"hook answered with a decision that cannot be used ({error}): {run.command}")
        self._judge_exit(run, answer)

    def _judge_exit(self, run: Ran, answer: "dict[str, Any]") -> None:
        if run.exit_code == 2 and not run.timed_out:
            self._refuse(reason(answer) or text_of(run.stderr.strip()) or f"blocked by hook: {run.command}")
            return
        if run.stopped:
            failure = f"hook was stopped: {run.command}"
        elif run.timed_out:
            failure = f"hook timed out: {run.command}"
        elif run.exit_code != 0:
            failure = f"hook failed with {run.exit_code}: {run.command}: {text_of(run.stderr.strip())}"
        else:
            return
        if run.handler is not None and run.handler.closed:
            self._refuse(f"{failure} (it fails closed)", only_where_it_can=True)
        else:
            self.merged.errors.append(failure)

    def _refuse(self, why: str, *, only_where_it_can: bool = False) -> None:
        self.merged.errors.append(why)
        if self.event in BLOCKS or not only_where_it_can:
            self.blocks.append(why)

    def _absorb(self, answer: "dict[str, Any]") -> None:
        merged, below = self.merged, specific(answer)
        if isinstance(below.get("additionalContext"), str):
            merged.contexts.append(text_of(below["additionalContext"]))
        if below.get("updatedInput") is not None:  # with or without a decision; the last hook wins
            if merged.updated_input not in (None, below["updatedInput"]):
                merged.errors.append("several hooks change the input of the tool in different ways; the last one counts")
            merged.updated_input = below["updatedInput"]
        if "updatedToolOutput" in below:
            merged.updated_output = below["updatedToolOutput"]
        if below.get("permissionDecision") is not None:
            self._permit(below["permissionDecision"], below.get("permissionDecisionReason"))
        decision = answer.get("decision")
        if decision is not None and self.event == "PreToolUse":
            self._permit(DEPRECATED[decision], answer.get("reason"))
        elif decision == "block" and not self.decision:
            self.decision, self.reason = "block", text_of(answer.get("reason"))
        if answer.get("continue") is False:
            merged.halt, merged.halt_reason = True, merged.halt_reason or text_of(answer.get("stopReason"))
            if self.event == "PreToolUse":  # the host would still run this one tool
                self._permit("deny", answer.get("stopReason") or "a hook ends the run")
        if isinstance(answer.get("systemMessage"), str):
            merged.messages.append(text_of(answer["systemMessage"]))

    def _permit(self, decision: str, why: "Any") -> None:
        """Keep the strictest decision with its own reason; of equal ones the first."""
        if RANK[decision] > RANK.get(self.merged.decision or "", -1):
            self.merged.decision, self.merged.decision_reason = decision, text_of(why)

    def finish(self, runs: list[Ran]) -> Merged:
        """The whole answer."""
        merged = self.merged
        merged.ran = list(runs)
        refused = bool(self.blocks)
        merged.exit_code = 2 if refused else 0
        merged.output = None if refused else self._output() or None
        merged.blocked = self.event in BLOCKS and bool(refused or self.decision or merged.decision == "deny")
        if merged.blocked:
            merged.reason = self.blocks[0] if refused else self.reason or merged.decision_reason or "blocked by a hook"
            merged.updated_input = None
        return merged

    def _output(self) -> "dict[str, Any]":
        """The answer as the host reads it."""
        merged = self.merged
        below: dict[str, Any] = {}
        output: dict[str, Any] = {}
        if merged.contexts:
            below["additionalContext"] = "\n".join(merged.contexts)
        if merged.updated_input is not None:
            below["updatedInput"] = merged.updated_input
        if merged.updated_output is not None:
            below["updatedToolOutput"] = merged.updated_output
        if merged.decision is not None:
            below["permissionDecision"] = merged.decision
            if merged.decision_reason:
                below["permissionDecisionReason"] = merged.decision_reason
        if below:
            output["hookSpecificOutput"] = {"hookEventName": self.event, **below}
        if self.decision:
            output.update(decision=self.decision, reason=self.reason)
        if merged.halt:
            output.update({"continue": False, "stopReason": merged.halt_reason})
        if merged.messages:
            output["systemMessage"] = "\n".join(merged.messages)
        return output
