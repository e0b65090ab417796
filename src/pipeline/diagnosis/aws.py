"""Look at what AWS says: can tags be overwritten, are layers mounted, and whom do the roles trust?"""

from collections.abc import Sequence

from pipeline.description import Description
from pipeline.errors import shown
from pipeline.registry import Ecr
from pipeline.tools import Answer

from .aws_api import Aws, account_of, code_of, ecr, identity, role, trust_of
from .finding import Finding
from .registries import kept, missing, mounted, repositories
from .roles import Role, roles, trusted


async def aws(asked: Aws, description: Description, repository: str) -> tuple[list[Finding], list[str]]:
    """Return what is wrong in the account of the credentials, and what could not be looked at.

    Args:
        asked: AWS as the credentials see it.
        description: what there is to be.
        repository: the repository as GitHub names it; empty if it is elsewhere, and no role is looked at.
    """
    places = repositories(description)
    if not places:
        return [], ["what AWS says: no registry of pipeline.yaml is in ECR"]
    (who,) = await asked.ask([identity(places[0][0].region, places[0][0].domain)])
    account = account_of(who)
    if not account:
        return [], [f"what AWS says: {_refusal(who)}"]
    found, left_out = await _registries(asked, [place for place in places if place[0].account == account])
    if repository:
        more, also = await _roles(
            asked, [one for one in roles(description) if one.place.account == account], repository
        )
        found, left_out = found + more, left_out + also
    others = dict.fromkeys(place.account for place, _ in places if place.account != account)
    return found, left_out + [f"the AWS account {other}: give credentials of it" for other in others]


async def _registries(asked: Aws, places: Sequence[tuple[Ecr, str]]) -> tuple[list[Finding], list[str]]:
    registries = list(dict.fromkeys(place for place, _ in places))
    named = [ecr(one.region, one.domain, "DescribeRepositories", {"repositoryNames": [name]}) for one, name in places]
    settings = [ecr(one.region, one.domain, "GetAccountSetting", {"name": "BLOB_MOUNTING"}) for one in registries]
    answers = await asked.ask([*named, *settings])
    findings: list[Finding] = []
    left_out: list[str] = []
    for (_, name), answer in zip(places, answers, strict=False):
        if answer.status == 200:
            findings += kept(name, answer.document)
        elif code_of(answer) == "RepositoryNotFoundException":
            findings.append(missing(name))
        else:
            left_out.append(f"the repository {name}: {_refusal(answer)}")
    for place, answer in zip(registries, answers[len(places) :], strict=True):
        if answer.status == 200:
            findings += mounted(place, answer.document)
        else:
            left_out.append(f"blob mounting in {place.region}: {_refusal(answer)}")
    return findings, left_out


async def _roles(asked: Aws, wanted: Sequence[Role], repository: str) -> tuple[list[Finding], list[str]]:
    """Look at the roles; where there is none of them, they have other names."""
    if not wanted:
        return [], []
    answers = await asked.ask([role(one.place.partition, one.name) for one in wanted])
    found: list[Finding] = []
    left_out: list[str] = []
    for one, answer in zip(wanted, answers, strict=True):
        if answer.status == 200:
            found += trusted(one, trust_of(answer), repository)
        elif code_of(answer) == "NoSuchEntity":
            found.append(Finding("aws", one.name, "there is no such role", "apply terraform/global/iam"))
        else:
            left_out.append(f"the role {one.name}: {_refusal(answer)}")
    if all(code_of(answer) == "NoSuchEntity" for answer in answers):
        return [], [f"the roles: none is named as terraform/global/iam does, such as {wanted[0].name}"]
    return found, left_out


def _refusal(answer: Answer) -> str:
    if answer.status == 0:
        return f"AWS does not answer ({shown(answer.body)})"
    return f"AWS answers {answer.status} {code_of(answer)}".rstrip() + ": give --aws-credentials that may look"
