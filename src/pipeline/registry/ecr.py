"""A registry in ECR, as its address tells."""

import re
from dataclasses import dataclass

_ADDRESS = re.compile(r"([0-9]{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(amazonaws\.com(?:\.cn)?)(?:/.+)?")


@dataclass(frozen=True, slots=True)
class Ecr:
    """A registry of an account in a region."""

    account: str
    region: str
    domain: str = "amazonaws.com"

    @property
    def partition(self) -> str:
        """The part of AWS that it is in."""
        return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.region.rpartition("-")[0].rpartition("-")[0], "aws")


def ecr_of(address: str) -> Ecr | None:
    """Return the registry that an address is in; None if that is not in ECR."""
    found = _ADDRESS.fullmatch(address)
    return Ecr(found[1], found[2], found[3]) if found else None
