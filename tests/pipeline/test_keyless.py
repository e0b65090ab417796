"""Signatures by the identity of a job: certified and logged by an emulated Sigstore, verified by cosign itself."""

import dataclasses
import secrets
from collections.abc import Iterator

import dagger
import pytest
from support import engine
from support.proxy import Proxy
from support.registry import Registry
from support.sigstore import IDENTITY, ISSUER, Sigstore

from pipeline import provenance
from pipeline import registry as registries
from pipeline.description import Provenance
from pipeline.provenance.signing import signer
from pipeline.tools import toolbox

ROOT = "deploy/trusted-root.json"


@pytest.fixture
def sigstore() -> Iterator[Sigstore]:
    with Sigstore(secrets.token_urlsafe(24)).serving() as server:
        yield server


async def test_a_job_s_identity_signs_and_cosign_verifies_it(
    dag: dagger.Client, sigstore: Sigstore, registry: Proxy, images: Registry, password: str
) -> None:
    address, place = f"localhost:{registry.port}", f"http://sigstore.local:{sigstore.port}"
    login = registries.Credentials(
        "robot",
        dag.set_secret(f"keyless-registry-{registry.port}", password),
        dag.host().service([dagger.PortForward(backend=registry.port, frontend=registry.port)]),
    )
    copier = await registries.copier(toolbox(engine.TOOLS), {address: login})
    port = dagger.PortForward(backend=sigstore.port, frontend=sigstore.port)
    reaching = copier.container.with_service_binding("sigstore.local", dag.host().service([port]))
    copier = dataclasses.replace(copier, container=reaching)
    source = dag.directory().with_new_file(ROOT, sigstore.trusted_root)
    job = provenance.Credentials(
        oidc_url=dag.set_secret("oidc-url", f"{place}/token?api-version=2.0"),
        oidc_token=dag.set_secret("oidc-token", sigstore.token),
    )
    settings = Provenance(sign="keyless", fulcio=place, rekor=place, trusted_root=ROOT)
    reference = f"{address}/shop/keyless@{images.seed('shop/keyless', 'v1.2.3')}"

    cosign = await signer(settings, job, copier, engine.TOOLS.cosign, source)
    assert cosign
    await cosign.sign(copier, [reference])
    assert sigstore.audiences == ["sigstore"]

    def verify(identity: str) -> dagger.Container:
        who = ["--certificate-identity", identity, "--certificate-oidc-issuer", ISSUER]
        trust = ["--trusted-root", f"/source/{ROOT}", "--insecure-ignore-sct=true"]
        return cosign.container.with_directory("/source", source).with_exec(
            ["cosign", "verify", *who, *trust, copier.as_seen(reference)]
        )

    await verify(IDENTITY).sync()
    with pytest.raises(dagger.ExecError) as refused:
        await verify("https://github.com/acme/other").sync()
    assert "no matching CertificateIdentity found" in refused.value.stderr
