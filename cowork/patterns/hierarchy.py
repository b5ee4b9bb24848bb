"""Hierarchical decomposition: a planner divides, workers do the parts, an integrator puts them together.

The planner answers with tasks that wait for each other, or with its own answer where there is nothing to divide. The engine
checks the plan: no circle, no unknown task, no more tasks than allowed; a plan that is wrong goes back once with what is wrong
with it, and when it is wrong again the planner's seat answers alone. Then the engine delegates: level by level, the tasks of a
level in parallel, each verified where there is a verifier. A task that is lost or rejected is tried once more by another
worker; what waits for a failed one is blocked. The planner may plan the missing part anew, once. The integrator gets a list of
holes. With two levels the planner also divides every task of its plan, and each of those is put together first.

Calls: 2 + K(1+v) for K tasks, at best 1; with two levels 2 + 2b + K(1+v), which is b^D + 2(b^D-1)/(b-1) for b tasks of b
tasks and no verifier. Depth: 2 + L(1+v), or 4 + L(1+v), with L the longest path. Until the plan is known K and L are at
their cap; the result's notes carry the real ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cowork.patterns.answers import Answer, body, parse_answer
from cowork.patterns.contracts import ANSWER, Contract
from cowork.patterns.plans import Plan, Task, flattened, levels_of, plan_contract, replan_contract
from cowork.patterns.protocol import Asker, Form, Question
from cowork.patterns.results import Ending, Outcome, PatternResult
from cowork.patterns.setup import Pattern, Price, Role, Setup
from cowork.patterns.table import Table
from cowork.patterns.tasking import Work, Works

WHOLE: Contract[Answer] = Contract(Form("whole", ANSWER.form.schema), ANSWER.shape, parse_answer)


def price(setup: Setup) -> Price:
    """The cost of the largest plan that is allowed, its tasks all in one row."""
    most, checked = setup.options.tasks, len(setup.seats("verifier"))
    if setup.options.levels > 1:
        tasks = most * most
        worked = f"2 + 2*{most} + {tasks}(1+{checked})"
        formula = f"2 + 2b + b^2(1+v), b at most {most} until the plan is known"
        return Price(formula, worked, 2 + 2 * most + tasks * (1 + checked), 1, 4 + tasks * (1 + checked))
    calls = 2 + most * (1 + checked)
    return Price(f"2 + K(1+v), K at most {most} until the plan is known", f"2 + {most}(1+{checked})", calls, 1, calls)


async def hierarchy(asker: Asker, setup: Setup) -> PatternResult:
    """Run the protocol to its end. Lost seats degrade the result; they never raise."""
    return await _Hierarchy(asker, setup).run()


class _Hierarchy:
    def __init__(self, asker: Asker, setup: Setup) -> None:
        self.table = Table(asker, setup)
        self.setup = setup
        self.planner = setup.seat("planner")
        self.works = Works(self.table)
        self.divided: dict[str, Task] = {}
        self.parts_of: dict[str, tuple[str, ...]] = {}
        self.joined: dict[str, str] = {}
        self.rounds = 0

    async def run(self) -> PatternResult:
        plan = await self.table.one(Question(self.planner, "hierarchy_plan", view=self._plan_view(None)), self._contract())
        if plan is None:
            return await self._alone()
        if plan.answer is not None:
            self.table.hear(0, self.planner, plan.answer)
            self.table.spare(self.setup.all_seats)
            self.table.notes.append("atomic: the planner saw nothing to divide and answered itself")
            return self.table.result(Ending("unanimous", "writer", plan.answer, plan.answer.reason, 1, 1))
        tasks = await self._divide(plan.tasks)
        self.table.notes.append(self._worked(plan.tasks, tasks))
        await self.works.run(tasks)
        self.table.spare(self.works.workers)
        if self.works.holes:
            await self._replan()
        if not self.works.done:
            return self._result(Ending("failed", "nobody", None, "no task of the plan was done", 0, len(self.works.works)))
        await self._join()
        return await self._integrate()

    def _contract(self) -> Contract[Plan]:
        return plan_contract(self.setup.options.tasks)

    def _plan_view(self, part: Task | None) -> dict[str, Any]:
        shown = {"id": part.id, "goal": self.table.scrubbed(part.goal)} if part else None
        return {"most": self.setup.options.tasks, "part": shown}

    async def _divide(self, tasks: tuple[Task, ...]) -> tuple[Task, ...]:
        """The tasks to work on. With two levels the planner divides each; one that it does not divide stays whole."""
        found: list[Plan | None] = []
        if self.setup.options.levels > 1:
            questions = [Question(self.planner, "hierarchy_plan", 1, self._plan_view(task), task.id) for task in tasks]
            found = await self.table.wave(questions, self._contract())
        plans = {task.id: plan.tasks for task, plan in zip(tasks, found, strict=False) if plan is not None and plan.tasks}
        self.divided = {task.id: task for task in tasks if task.id in plans}
        flat, self.parts_of = flattened(tasks, plans)
        return flat

    def _worked(self, planned: Sequence[Task], tasks: Sequence[Task]) -> str:
        """The formula with the real numbers: what the run makes when nothing goes wrong."""
        checked, longest = len(self.works.verifiers), max(levels_of(tasks).values()) + 1
        divisions = len(planned) if self.setup.options.levels > 1 else 0
        calls = 2 + divisions + len(self.divided) + len(tasks) * (1 + checked)
        depth = 2 + bool(divisions) + bool(self.divided) + longest * (1 + checked)
        around = f" + {divisions} + {len(self.divided)}" if divisions else ""
        plan = f"the plan has K={len(tasks)} tasks on L={longest} levels"
        return f"{plan}: 2{around} + {len(tasks)}(1+{checked}) = {calls} calls, depth {depth}"

    async def _replan(self) -> None:
        """Let the planner plan anew what is missing, once. What it leaves out stays a hole."""
        done, holes = self.works.done, self.works.holes
        view = {
            "most": self.setup.options.tasks,
            "done": [{"id": work.task.id, "goal": self.table.scrubbed(work.task.goal)} for work in done],
            "holes": self.works.missing(holes),
        }
        contract = replan_contract(
            self.setup.options.tasks, done=[work.task.id for work in done], replaces=[work.task.id for work in holes]
        )
        plan = await self.table.one(Question(self.planner, "hierarchy_replan", 1, view, extra=True), contract)
        if plan is None or not plan.tasks:
            self.table.notes.append("what failed was not planned anew")
            return
        self.rounds = 1
        self.table.notes.append(f"planned anew: {', '.join(task.id for task in plan.tasks)}")
        await self.works.run(plan.tasks, round_number=1, extra=True)

    async def _join(self) -> None:
        """Put together the parts of each divided task; the next integrator takes what one did not."""
        for number, seat in enumerate(self.setup.seats("integrator")):
            left = [name for name in self.divided if name not in self.joined and self._works_of(name, done=True)]
            questions = [
                Question(
                    seat,
                    "hierarchy_integrate",
                    1,
                    self._whole_view(self._works_of(name, done=True), self._works_of(name, done=False), self.divided[name]),
                    name,
                    extra=number > 0,
                )
                for name in left
            ]
            for name, said in zip(left, await self.table.wave(questions, WHOLE), strict=True):
                if said is not None:
                    self.joined[name] = body(said.text) or said.answer

    def _works_of(self, name: str, *, done: bool) -> list[Work]:
        works = [self.works.works[part] for part in self.parts_of[name] if part in self.works.works]
        return [work for work in works if (work.status == "done") == done]

    def _whole_view(self, done: Sequence[Work], holes: Sequence[Work], part: Task | None) -> dict[str, Any]:
        return {"parts": self.works.parts(done), "holes": self.works.missing(holes), **self._plan_view(part)}

    def _parts(self) -> list[Mapping[str, str]]:
        """What there is to put together: results, and joined results in the place of their parts."""
        parts: list[Mapping[str, str]] = []
        inner = {part for name in self.joined for part in self.parts_of[name]}
        for name, text in self.joined.items():
            goal = self.table.scrubbed(self.divided[name].goal)
            parts.append({"id": name, "goal": goal, "text": self.table.scrubbed(text)})
        return parts + self.works.parts([work for work in self.works.done if work.task.id not in inner])

    async def _integrate(self) -> PatternResult:
        parts, holes = self._parts(), self.works.holes
        view = {**self._whole_view([], holes, None), "parts": parts}
        found = await self.table.first_of(
            self.setup.seats("integrator"), lambda seat: Question(seat, "hierarchy_integrate", view=view), WHOLE
        )
        done, asked = len(self.works.done), len(self.works.works)
        if found is None:
            text = "\n\n".join(f"## {part['goal']}\n\n{part['text']}" for part in parts)
            why = "the integrator was lost, so the parts stand side by side"
            return self._result(Ending("degraded", "nobody", None, why, done, asked, text=text))
        answer = found[1]
        self.table.hear(2, found[0], answer)
        outcome: Outcome = "degraded" if holes else "unanimous"
        return self._result(Ending(outcome, "writer", answer, answer.reason, done, asked))

    async def _alone(self) -> PatternResult:
        """One seat answers without a plan: the planner's, unless that was lost for another reason than its plan."""
        seats = [self.planner] if self.table.states[self.planner] == "invalid" else []
        for seat in [*seats, *self.setup.seats("worker")]:
            answer = await self.table.one(Question(seat, "hierarchy_alone", extra=True), ANSWER)
            if answer is not None:
                self.table.notes.append(f"there was no plan: {seat} answered alone")
                self.table.hear(0, seat, answer)
                return self.table.result(Ending("degraded", "writer", answer, answer.reason, 1, 1))
        return self.table.result(Ending("failed", "nobody", None, "there was no plan, and nobody answered alone", 0, 1))

    def _result(self, ending: Ending) -> PatternResult:
        notes = self.table.notes
        holes = self.works.holes
        if holes:
            named = ", ".join(f"{work.task.id} ({work.status})" for work in holes)
            notes.append(f"{len(holes)} of {len(self.works.works)} tasks are holes: {named}")
        if not self.works.verifiers:
            notes.append("no verifier checked the parts")
        return self.table.result(ending, rounds=self.rounds, tasks=self.works.outcomes())


PATTERN = Pattern(
    name="hierarchy",
    title="Hierarchical decomposition",
    summary="A planner divides the task, workers do the parts in parallel, and an integrator puts them together.",
    when="A task that falls into parts that can be done one by one and checked: a survey, a report, a set of changes.",
    not_when="The parts depend on each other all along: one seat that sees everything does better.",
    diagram="""\
 task --> [planner] -- atomic ----------------------------------> answer
              | tasks that wait for each other, checked
              v
      level 1   [worker-1] a   [worker-2] b  --> [verifier]?
                     +------+-------+
      level 2          [worker-1] c          --> [verifier]?
                            v
                      [integrator] <-- list of holes -----------> answer""",
    roles=(
        Role("planner", "divides the task", apart=True),
        Role("worker", "does one part at a time", default=2, least=1, most=8),
        Role("verifier", "accepts or rejects each part", default=0, least=0, apart=True),
        Role("integrator", "puts the parts together", most=2, apart=True),
    ),
    options={"tasks": 8, "levels": 1},
    most={"tasks": 8, "levels": 2},
    formula="2 + K(1+v)",
    price=price,
    run=hierarchy,
)
