"""What is a registry's address, an image's reference, and a name that may become part of one."""

import re

from pipeline.errors import InvalidInput, hidden

_DOMAIN_PART = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_DOMAIN = rf"(?:\[[0-9a-fA-F:]+\]|{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*)(?::[0-9]{{1,5}})?"
_PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
ADDRESS = re.compile(rf"{_DOMAIN}(?:/{_PATH_PART})*")
IMAGE = re.compile(rf"{ADDRESS.pattern}(?=[:@])(?::[A-Za-z0-9_][A-Za-z0-9._-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?")
LABEL = re.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LOCAL = re.compile(r"localhost|127(?:\.[0-9]{1,3}){3}|\[::1\]")


def check_address(address: str) -> str:
    """Return a registry's address, `host[:port][/path]`, as it is.

    Raises:
        InvalidInput: it is none; a scheme, credentials, a tag and a digest are no part of it.
    """
    if not is_address(address):
        msg = f"{hidden(address)} is no registry address: write host[:port][/path], without scheme, user or tag"
        raise InvalidInput(msg)
    return address


def is_address(text: str) -> bool:
    """Tell whether a text is `host[:port][/path]`."""
    return bool(ADDRESS.fullmatch(text))


def is_image(text: str) -> bool:
    """Tell whether a text is an image's reference: a repository with a tag, a digest or both."""
    return bool(IMAGE.fullmatch(text))


def is_label(text: str) -> bool:
    """Tell whether a text is a DNS label (RFC 1123): what a namespace and a host may be named."""
    return bool(LABEL.fullmatch(text))


def host(address: str) -> str:
    """Return the host and port of a registry's address."""
    return address.split("/", 1)[0]


def repository(reference: str) -> str:
    """Return an image's reference without its tag or digest."""
    head, slash, last = reference.partition("@")[0].rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def is_local(address: str) -> bool:
    """Tell whether a registry is on this machine, where plain HTTP and no password are usual."""
    name = host(address)
    return bool(_LOCAL.fullmatch(re.sub(":[0-9]+$", "", name)))
