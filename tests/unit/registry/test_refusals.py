"""What crane and oras say that went wrong, among all else that they print."""

from pipeline.registry import reasons


def test_errors_of_either_program_are_told_without_how_they_begin() -> None:
    said = (
        "2026/11/25 13:17:54 pushed blob: sha256:aa\n"
        "Error: GET https://r.example.com/v2/a/manifests/v1: DENIED: no\n"
        "Exists  44136fa355b3 application/vnd.oci.empty.v1+json\n"
        "Error response from registry: denied: no\n"
        "Errors were seen\n"
    )
    assert reasons(said) == ["GET https://r.example.com/v2/a/manifests/v1: DENIED: no", "denied: no"]
    assert reasons("") == []
