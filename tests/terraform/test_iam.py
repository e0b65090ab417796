"""Who may do what, as a table: every role against every repository, and against every kind of token."""

from collections.abc import Callable, Iterator
from typing import Any

import permissions_table
import trust_table
from policy_mutants import mutants

Case = tuple[Any, Any, dict[str, list[str]]]


def test_a_role_reads_and_pushes_what_it_must_and_nothing_else(case: Case) -> None:
    computed, description, clusters = case
    assert list(permissions_table.disagreements(computed, description, clusters)) == []


def test_a_role_takes_the_tokens_of_its_own_jobs_and_no_others(case: Case) -> None:
    computed, description, _ = case
    assert list(trust_table.disagreements(computed, description)) == []


def test_the_tables_hold_what_they_are_for(case: Case) -> None:
    computed, description, _ = case
    for name in computed["roles"]:
        found = list(trust_table.tokens(name, computed["github_repository"], description))
        assert sum(rule for _, _, rule in found) >= 4, "each form of the subject is taken"
        assert not any(rule for what, _, rule in found if "a pull request" in what or "the repository" in what)


def test_every_role_of_a_further_environment_is_there_and_lives_where_it_pushes(case: Case) -> None:
    computed, description, _ = case
    first, *further = description["environments"]
    accounts = {
        environment["name"]: environment.get("registry", description["registry"])["account"]
        for environment in (first, *further)
    }
    expected = {"build": accounts[first["name"]], "plan": accounts[first["name"]]} | {
        f"promote-{environment['name']}": accounts[environment["name"]] for environment in further
    }
    assert {name: role["account"] for name, role in computed["roles"].items()} == expected


Table = Callable[[Any], Iterator[str]]


def _policies(case: Case) -> Iterator[tuple[str, Any, Table]]:
    """Return all policies by name, each with the table that another in its place is held to."""
    computed, description, clusters = case
    for name, role in computed["roles"].items():

        def alone(key: str, policy: Any, name: str = name, role: Any = role) -> Any:
            return computed | {"roles": {name: role | {key: policy}}}

        def trust(policy: Any, alone: Callable[..., Any] = alone) -> Iterator[str]:
            return trust_table.disagreements(alone("trust", policy), description)

        def permissions(policy: Any, alone: Callable[..., Any] = alone) -> Iterator[str]:
            return permissions_table.disagreements(alone("permissions", policy), description, clusters)

        yield f"{name} trust", role["trust"], trust
        yield f"{name} permissions", role["permissions"], permissions
    # The services of an environment have the same policy: one stands for all.
    for name, repository in {item["environment"]: item for item in computed["repositories"].values()}.items():

        def given(policy: Any, name: str = name, repository: Any = repository) -> Iterator[str]:
            repositories = {name: repository | {"repository_policy": policy}}
            return permissions_table.disagreements(computed | {"repositories": repositories}, description, clusters)

        if repository["repository_policy"] is not None:
            yield name, repository["repository_policy"], given


def test_one_slip_in_any_policy_turns_a_table_red(case: Case) -> None:
    tried = 0
    unseen = []
    for name, policy, table in _policies(case):
        for what, mutant in mutants(policy):
            tried += 1
            if next(table(mutant), None) is None:
                unseen.append(f"{name}: {what}")
    assert tried > 100, tried
    assert not unseen, "\n".join(unseen)
