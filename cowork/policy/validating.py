"""`admin policy validate`: everything that is wrong with a policy file, where it stands in it, and what is odd."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cowork.core.errors import InvalidInput
from cowork.core.files import MAX_JSON_BYTES, parse_json, read_regular
from cowork.formats.json_places import with_places
from cowork.formats.policies import Policies, invalid
from cowork.formats.policies_check import errors, unknown_keys
from cowork.formats.problem import Problem, in_order
from cowork.policy import naming, store
from cowork.policy.files import is_set, policy_path
from cowork.policy.naming import Known


@dataclass(frozen=True)
class PolicyReport:
    """What was found in a policy file, sorted by line. `valid`: none of it is an error. Without a file the defaults hold."""

    path: str
    exists: bool
    valid: bool
    items: tuple[Problem, ...]
    count: int


def validate_current(known: Known) -> PolicyReport:
    """Judge the policy file in force. Raises as `validate` does, and `file.*` when there is nothing to judge."""
    path = policy_path()
    try:
        store.load()
    except InvalidInput as error:
        if error.code != "policy.invalid":
            raise
    if not is_set():
        return PolicyReport(str(path), False, True, (), 0)
    return validate(read_regular(path, MAX_JSON_BYTES), path, known)


def validate(raw: bytes, path: Path, known: Known) -> PolicyReport:
    """Judge the text of a policy file. Raises `file.corrupt`, or `policy.invalid` with the report as data."""
    document = parse_json(raw, path=path, what="policy file")
    problems = errors(document, str(path))
    if not problems:
        policies = Policies(document)
        problems = naming.clashes(policies, known, str(path))
        problems += [*unknown_keys(document, str(path)), *naming.unknown(policies, known, str(path))]
    items = in_order(with_places(problems, raw.decode("utf-8-sig")))
    valid = not any(problem.severity == "error" for problem in items)
    report = PolicyReport(str(path), True, valid, items, len(items))
    if valid:
        return report
    error: InvalidInput = invalid(path, [problem for problem in items if problem.severity == "error"])
    error.data = report
    raise error
