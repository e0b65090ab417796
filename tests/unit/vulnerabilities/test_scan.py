"""What is known of an image by grype's reports on its SBOMs."""

from pipeline.vulnerabilities.model import Image
from pipeline.vulnerabilities.scan import _found

from .test_findings import SAMPLES, sample

IMAGE = Image("prod", "api", "v1.0.0", "r/api@sha256:index")
PLATFORMS = {IMAGE.reference: (["r/api@sha256:amd64", "r/api@sha256:arm64"], "")}
REPORTS = dict.fromkeys(PLATFORMS[IMAGE.reference][0], (SAMPLES / "v1.0.0.grype.json").read_text())


def test_of_an_image_for_several_platforms_all_reports_count_and_what_they_share_counts_once() -> None:
    found = _found(IMAGE, PLATFORMS, REPORTS, "none")
    assert (found.found, found.problem) == (sample("v1.0.0"), "")


def test_an_image_without_all_its_reports_is_not_known() -> None:
    first = dict(list(REPORTS.items())[:1])
    assert _found(IMAGE, PLATFORMS, first, "503").problem == "503"
    assert _found(IMAGE, {IMAGE.reference: ([], "no SBOM is attached")}, {}, "").problem == "no SBOM is attached"
    broken = _found(IMAGE, PLATFORMS, dict.fromkeys(REPORTS, "{}"), "")
    assert (broken.found, broken.problem) == ((), "grype's report cannot be read: it lists no matches")


def test_an_image_of_which_it_is_not_known_what_it_is_stays_as_it_is() -> None:
    unknown = Image("prod", "api", "", "", problem="its overlay cannot be read")
    assert _found(unknown, {}, {}, "") == unknown
