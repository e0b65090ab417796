"""Known vulnerabilities of what runs, by the SBOMs that are attached; and what a promotion would mend, or bring."""

from .model import Image as Image
from .report import vulnerability_report as vulnerability_report
from .scan import scan as scan
