"""Ask AWS's interfaces, by curl in a container, which signs what it asks: the key is in a file that only it sees."""

import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import dagger
from dagger import dag

from pipeline.errors import InvalidInput, hidden
from pipeline.registry import is_local
from pipeline.surface import secret_of, stripped
from pipeline.tools import CURL_LIMITS, CURL_SECONDS, Answer, once, run, split_answers

_ALIAS = "aws.local"  # of a service at localhost: in a container, that is another
_CONFIG = "/run/aws/curl.conf"
_PLAIN = re.compile(r"[!#-\[\]-~]+")  # nothing that ends the quotes, or the line, of curl's configuration
_HOME = {"aws": ("us-east-1", "iam.amazonaws.com"), "aws-cn": ("cn-north-1", "iam.cn-north-1.amazonaws.com.cn"),
         "aws-us-gov": ("us-gov-west-1", "iam.us-gov.amazonaws.com")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AwsAccess:
    """Credentials as `aws configure export-credentials` prints them, and what answers instead of AWS itself."""

    credentials: dagger.Secret
    endpoint: str = ""
    service: dagger.Service | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A request: where to, as which service it is signed for, and what is said."""

    host: str
    service: str
    region: str
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class Aws:
    """AWS, as far as some credentials see it."""

    container: dagger.Container
    endpoint: str  # instead of each service's own address; empty for those
    key: Mapping[str, str] = field(repr=False)

    async def ask(self, questions: Sequence[Question]) -> list[Answer]:
        """Ask several questions, one after another; an answer each."""
        mark = uuid.uuid4().hex
        text = "next\n".join(self._section(one, mark) for one in questions)
        ready = once(self.container).with_mounted_secret(_CONFIG, secret_of("aws-requests", text))
        done = await run(ready, ["curl", "--config", _CONFIG], seconds=CURL_SECONDS * len(questions))
        return split_answers(mark, len(questions), await done.stdout(), await done.stderr())

    def _section(self, one: Question, mark: str) -> str:
        """Write a request for curl, which forgets all options from one to the next."""
        address = self.endpoint or f"https://{one.host}"
        # The host is said, for an older curl signs it without its port.
        headers = {"Host": urlsplit(address).netloc, **one.headers}
        if token := self.key.get("SessionToken"):
            headers["X-Amz-Security-Token"] = token
        options = [
            ("url", f"{address}/"),
            ("aws-sigv4", f"aws:amz:{one.region}:{one.service}"),
            ("user", f"{self.key['AccessKeyId']}:{self.key['SecretAccessKey']}"),
            *(("header", f"{name}: {value}") for name, value in headers.items()),
            ("data-raw", one.body),
            ("write-out", f"\n{mark} %{{http_code}}\n"),
            *CURL_LIMITS,
        ]
        return "".join(f"{name} = {json.dumps(value)}\n" for name, value in options) + "silent\nshow-error\n"


def ecr(region: str, domain: str, action: str, body: Mapping[str, Any]) -> Question:
    """Return a question to a region's registry."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AmazonEC2ContainerRegistry_V20150921.{action}",
    }
    return Question(f"api.ecr.{region}.{domain}", "ecr", region, headers, json.dumps(body))


def identity(region: str, domain: str) -> Question:
    """Return the question whose the credentials are."""
    return _query(f"sts.{region}.{domain}", "sts", region, {"Action": "GetCallerIdentity", "Version": "2011-06-15"})


def role(partition: str, name: str) -> Question:
    """Return the question what a role is."""
    region, host = _HOME[partition]
    return _query(host, "iam", region, {"Action": "GetRole", "Version": "2010-05-08", "RoleName": name})


def _query(host: str, service: str, region: str, values: Mapping[str, str]) -> Question:
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return Question(host, service, region, kind, urlencode(values))


def account_of(answer: Answer) -> str:
    """Read the account that credentials are of; empty if the answer does not say."""
    found = re.search("<Account>([0-9]{12})</Account>", answer.body)
    return found[1] if answer.status == 200 and found else ""


def trust_of(answer: Answer) -> Any:
    """Read a role's trust policy, which stands in the answer as an encoded text; None if there is none."""
    found = re.search("<AssumeRolePolicyDocument>([^<]*)</AssumeRolePolicyDocument>", answer.body)
    try:
        return json.loads(unquote(found[1])) if answer.status == 200 and found else None
    except (ValueError, RecursionError):
        return None


def code_of(answer: Answer) -> str:
    """Read the name of an error; empty if the answer has none."""
    document = answer.document
    said = document.get("__type") if isinstance(document, dict) else None
    found = re.search("<Code>([A-Za-z0-9.]+)</Code>", answer.body)
    return said.rpartition("#")[2] if isinstance(said, str) else found[1] if found else ""


async def aws(image: str, access: AwsAccess) -> Aws:
    """Return AWS as some credentials see it.

    Args:
        image: one with curl.
        access: the credentials, and what answers.

    Raises:
        InvalidInput: the credentials are none, or the endpoint is no address.
    """
    secret = await stripped(access.credentials, "aws-credentials")
    key = key_of(await secret.plaintext() if secret else "")
    container = dag.container().from_(image)
    endpoint = endpoint_of(access.endpoint, bound=access.service is not None)
    if access.service:
        container = container.with_service_binding(urlsplit(endpoint).hostname or "", access.service)
    return Aws(container, endpoint, key)


def key_of(text: str) -> dict[str, str]:
    """Read credentials.

    Raises:
        InvalidInput: they are none; the message has nothing of them.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    given = document if isinstance(document, dict) else {}
    key = {name: given.get(name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken") if given.get(name)}
    fine = all(isinstance(value, str) and _PLAIN.fullmatch(value) for value in key.values())
    if not fine or not {"AccessKeyId", "SecretAccessKey"} <= key.keys():
        msg = (
            "the secret of --aws-credentials is no object with AccessKeyId and SecretAccessKey: "
            'give cmd://"aws configure export-credentials"'
        )
        raise InvalidInput(msg)
    return {name: str(value) for name, value in key.items()}


def endpoint_of(address: str, *, bound: bool) -> str:
    """Return the address that answers for all services, as the container sees it; empty for AWS's own.

    Args:
        address: as it was given.
        bound: whether a service is given that answers for it.

    Raises:
        InvalidInput: it is none, or on this machine and there is no service.
    """
    if not address:
        return ""
    parts = urlsplit(address.rstrip("/"))
    local = is_local(parts.hostname or "")
    if not (parts.scheme == "https" or (parts.scheme == "http" and local)) or not parts.hostname or "@" in parts.netloc:
        msg = f"--aws-endpoint {hidden(address)} is no address of AWS's interfaces: write https://HOST"
        raise InvalidInput(msg)
    if local and not bound:
        msg = f"{parts.geturl()} is on this machine: give --aws-service tcp://{parts.netloc}"
        raise InvalidInput(msg)
    return parts.geturl().replace(parts.hostname, _ALIAS, 1) if local else parts.geturl()
