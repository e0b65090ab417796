"""Write the arguments of Terraform's resource types, as CDKTF's classes have them, to JSON beside this file.

The classes are generated from the providers' own schemas, and too large to be installed for a test (240 MB). In an
environment of its own, with the packages that PACKAGES names:

    python tests/terraform/schemas/extract.py
"""

import ast
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

PACKAGES = {  # of PyPI: cdktf-cdktf-provider-aws and -github (MPL-2.0)
    "aws": "cdktf_cdktf_provider_aws",
    "github": "cdktf_cdktf_provider_github",
}
TYPES = {
    "aws": [
        "ecr_account_setting", "ecr_lifecycle_policy", "ecr_repository", "ecr_repository_policy",
        "iam_openid_connect_provider", "iam_role", "iam_role_policies_exclusive", "iam_role_policy",
        "iam_role_policy_attachments_exclusive",
    ],
    "github": [
        "actions_environment_variable", "actions_variable", "repository_environment",
        "repository_environment_deployment_policy", "repository_ruleset", "data_github_team", "data_github_user",
    ],
}  # fmt: skip
# Terraform's own arguments, which any resource takes.
META = {"connection", "count", "depends_on", "for_each", "id_", "lifecycle", "provider", "provisioners"}


def arguments(classes: dict[str, ast.ClassDef], name: str) -> dict[str, Any]:
    """Return a class's arguments: whether each is required, and those of the blocks."""
    (constructor,) = [
        node for node in classes[name].body if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    ]
    found: dict[str, Any] = {}
    for argument, default in zip(constructor.args.kwonlyargs, constructor.args.kw_defaults, strict=True):
        if argument.arg in META or argument.arg == "timeouts":
            continue
        annotation = ast.unparse(argument.annotation) if argument.annotation else ""
        block = re.search(r"Union\[['\"](\w+)['\"]", annotation)
        found[argument.arg] = {"required": default is None} | (
            {"block": arguments(classes, block[1])} if block and block[1] in classes else {}
        )
    return found


def main() -> None:
    """Write one file for each provider."""
    for provider, package in PACKAGES.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            raise SystemExit(f"{package} is not installed: see this file's first lines")
        schema: dict[str, Any] = {}
        for name in TYPES[provider]:
            source = (Path(spec.origin).parent / name / "__init__.py").read_text()
            version = re.search(r"/providers/\w+/\w+/([\d.]+)/docs", source)
            classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
            main_class = "".join(word.capitalize() for word in name.split("_"))
            resource = name if name.startswith("data_") else f"{provider}_{name}"
            schema |= {"provider": f"{provider} {version[1] if version else '?'}"}
            schema[resource] = arguments(classes, main_class)
        where = Path(__file__).with_name(f"{provider}.json")
        where.write_text(json.dumps(schema, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
