"""The table of role x action x repository: what each may do, by the rules, and where policies say otherwise."""

from collections.abc import Iterator
from typing import Any

from iam_evaluator import Request, allowed, permitted

PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUSH = ("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart")
# What nothing here needs, the worst of ECR.
NEVER = (
    "ecr:BatchDeleteImage", "ecr:DeleteRepository", "ecr:DeleteRepositoryPolicy", "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy", "ecr:SetRepositoryPolicy", "iam:PassRole", "sts:AssumeRole",
)  # fmt: skip
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_OPEN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}


def disagreements(computed: Any, description: Any, clusters: dict[str, list[str]]) -> Iterator[str]:
    """Return a line for everything that the policies allow and the rules do not, or the other way round.

    Args:
        computed: the module's outputs, with the policies decoded.
        description: the pipeline.yaml that it was computed from.
        clusters: the accounts, by environment, whose clusters pull.
    """
    rules = _Rules(description, clusters)
    yield from _of_login(computed)
    yield from _of_roles(computed, rules)
    yield from _of_repositories(computed, rules)


class _Rules:
    """What is to be: said of a description, without its policies."""

    def __init__(self, description: Any, clusters: dict[str, list[str]]) -> None:
        first, *further = description["environments"]
        self.first = first["name"]
        self.sources = {environment["name"]: environment["promotes-from"] for environment in further}
        self.clusters = clusters

    def writes(self, role: str, place: str) -> bool:
        return place != "" and place == (self.first if role == "build" else role.removeprefix("promote-"))

    def reads(self, role: str, place: str) -> bool:
        source = self.sources.get(role.removeprefix("promote-"), "")
        return place != "" and (role == "plan" or place == source or self.writes(role, place))


def _of_login(computed: Any) -> Iterator[str]:
    actions = ("GetAuthorizationToken", "GetAccountSetting", "PutAccountSetting", "CreateRepository")
    for name, role in computed["roles"].items():
        for action in actions:
            rule = action == "GetAuthorizationToken" or (action == "GetAccountSetting" and name == "plan")
            if allowed(role["permissions"], Request(role["arn"], f"ecr:{action}", "*")) != rule:
                yield f"{name} {action}: the rule says {rule}"


def _of_roles(computed: Any, rules: _Rules) -> Iterator[str]:
    """Hold what a role may do to the rules: by its own policy, and together with those of the repositories."""
    for name, role in computed["roles"].items():
        for arn, (place, policy) in _repositories(computed).items():
            for action in (*PULL, *PUSH, *NEVER, "ecr:DescribeRepositories"):
                request = Request(role["arn"], action, arn, {"aws:PrincipalArn": role["arn"]})
                rule = (
                    (action in PULL and rules.reads(name, place))
                    or (action in PUSH and rules.writes(name, place))
                    or (action == "ecr:DescribeRepositories" and name == "plan" and place != "")
                )
                # Into another account only pulling goes, whatever is asked for.
                together = rule and (action in PULL or arn.split(":")[4] == role["account"])
                said = allowed(role["permissions"], request), permitted(role["permissions"], policy, request)
                if said != (rule, together):
                    yield f"{name} {action} {arn}: the rule says {rule}"


def _of_repositories(computed: Any, rules: _Rules) -> Iterator[str]:
    """Hold what a repository lets in to the rules, for those whom their own account allows everything."""
    known = {role["arn"]: name for name, role in computed["roles"].items()}
    strangers = [f"arn:aws:iam::{account}:role/administrator" for account in {arn.split(":")[4] for arn in known}]
    principals = [
        *known, *strangers, *(f"{arn}-2" for arn in known), *(f"x{arn}" for arn in known),
        "arn:aws:iam::444444444444:role/node", "arn:aws:iam::999999999999:role/node",
    ]  # fmt: skip
    for principal in principals:
        account = principal.split(":")[4]
        for arn, (place, policy) in _repositories(computed).items():
            for action in (*PULL, *PUSH, *NEVER) if place else ():
                rule = arn.split(":")[4] == account or (
                    action in PULL
                    and (rules.reads(known.get(principal, ""), place) or account in rules.clusters.get(place, []))
                )
                request = Request(principal.removeprefix("x"), action, arn, {"aws:PrincipalArn": principal})
                if permitted(_EVERYTHING, policy, request) != rule:
                    yield f"{principal} {action} {arn}: the rule says {rule}"


def _repositories(computed: Any) -> dict[str, tuple[str, Any]]:
    """Return all repositories by ARN with environment and policy, and beside each its neighbours.

    Those are other projects' and of environment ''; they let everyone in, so that it is the role that must not ask.
    """
    own = {item["arn"]: (item["environment"], item["repository_policy"]) for item in computed["repositories"].values()}
    others = {other: ("", _OPEN) for arn in own for other in (f"{arn}-2", arn.replace("repository/", "repository/x"))}
    return own | {other: found for other, found in others.items() if other not in own}
