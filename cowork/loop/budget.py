"""What a run may spend at the most: calls, tokens, money. Set aside before a call is made, settled when it has ended."""

from __future__ import annotations

from dataclasses import dataclass

from cowork.core.errors import CoworkError, InvalidInput

_BYTES_PER_TOKEN = 3  # text and code need more; what a provider counts in the end is what is settled
_PER_CALL = 16  # tokens that a protocol puts around a message


class BudgetSpent(CoworkError):
    """There is no room for a call. Limit reached: exit 8."""

    exit_code = 8

    def __init__(self) -> None:
        super().__init__("loop.budget_spent", "the budget has no room for this call")


@dataclass(frozen=True)
class Budget:
    """The caps of a run; None where there is none."""

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None

    @property
    def unlimited(self) -> bool:
        """Whether there is no cap at all."""
        return self.calls is None and self.tokens is None and self.usd is None


NO_BUDGET = Budget()


@dataclass(frozen=True)
class Charge:
    """What a call costs, or may cost; `usd` is None when the price is not known."""

    calls: int = 0
    tokens: int = 0
    usd: float | None = 0.0

    def times(self, number: int) -> Charge:
        """The same, `number` times."""
        return Charge(self.calls * number, self.tokens * number, None if self.usd is None else self.usd * number)


def input_tokens(*texts: str) -> int:
    """An upper estimate of the tokens of a prompt."""
    return sum(len(text.encode("utf-8", "replace")) for text in texts) // _BYTES_PER_TOKEN + _PER_CALL


class Ledger:
    """What is spent and what is set aside. Never more than the caps together, as far as estimates are upper ones.

    `calls` calls of the protocol, each costing `each` at the most, are still to come: what comes on top of them, a repair, a
    retry or a stand-in, is paid from what they leave.
    """

    def __init__(self, budget: Budget, *, calls: int = 0, each: Charge | None = None) -> None:
        self.budget = budget
        self.spent = Charge()
        self._held: dict[str, Charge] = {}
        self._to_come = calls
        self._each = each or Charge()

    def hold(self, key: str, worst: Charge, *, extra: bool = False) -> bool:
        """Set the worst cost of a call aside; False when there is no room, and nothing is set aside."""
        rest = self._each.times(self._to_come) if extra else Charge()
        if not self._fits(worst, rest):
            return False
        self._held[key] = worst
        self._to_come = self._to_come if extra else max(0, self._to_come - 1)
        return True

    def carry(self, charge: Charge) -> None:
        """Count what was spent before."""
        self.spent = _sum(self.spent, charge)

    def pass_by(self, *, extra: bool) -> None:
        """A call of the protocol, unless it is extra, that need not be made."""
        self._to_come = self._to_come if extra else max(0, self._to_come - 1)

    def holds(self, key: str) -> bool:
        """Whether something is set aside for a call."""
        return key in self._held

    def release(self, key: str) -> None:
        """Give back what was set aside for a call that is not made."""
        self._held.pop(key, None)

    def settle(self, key: str, actual: Charge) -> None:
        """A call has ended: what it really cost counts. A price that is not known counts as nothing, and is said elsewhere."""
        self._held.pop(key, None)
        self.spent = _sum(self.spent, actual)

    def _fits(self, more: Charge, rest: Charge) -> bool:
        total = self.spent
        for charge in (*self._held.values(), rest, more):
            total = _sum(total, charge)
        budget = self.budget
        return (
            (budget.calls is None or total.calls <= budget.calls)
            and (budget.tokens is None or total.tokens <= budget.tokens)
            and (budget.usd is None or (more.usd is not None and (total.usd or 0.0) <= budget.usd + 1e-12))
        )


def require_room(budget: Budget, worst: Charge, *, pattern: str, formula: str, unpriced: tuple[str, ...]) -> None:
    """Refuse what cannot be paid to its end, before the first call.

    Raises `loop.price_unknown` when money is capped and a seat has no known price, `loop.budget_too_small` with the formula.
    """
    if budget.usd is not None and unpriced:
        raise InvalidInput(
            "loop.price_unknown",
            f"no price is known for {', '.join(unpriced)}, so a cap on money cannot be kept",
            hint="cap --max-tokens or --max-calls instead, or set the price in config.yaml under providers",
            details={"models": list(unpriced)},
        )
    short = [
        f"{cap:g} {what} of at most {need:g}"
        for what, cap, need in (
            ("calls", budget.calls, worst.calls),
            ("tokens", budget.tokens, worst.tokens),
            ("USD", budget.usd, round(worst.usd or 0.0, 6)),
        )
        if cap is not None and need > cap
    ]
    if short:
        raise InvalidInput(
            "loop.budget_too_small",
            f"the budget is too small for {pattern}: {'; '.join(short)}",
            cause=f"it makes {formula} calls",
            hint="raise the cap, or ask for fewer rounds, seats or samples",
            details={"formula": formula, "calls": worst.calls, "tokens": worst.tokens, "usd": worst.usd},
        )


def _sum(first: Charge, second: Charge) -> Charge:
    usd = None if first.usd is None and second.usd is None else (first.usd or 0.0) + (second.usd or 0.0)
    return Charge(first.calls + second.calls, first.tokens + second.tokens, usd)
