"""Diagnosis: what a team that takes the pipeline up gets wrong, found by looking, each with its cure."""

from .aws_api import AwsAccess as AwsAccess
from .diagnose import diagnose as diagnose
from .report import diagnosis_report as diagnosis_report
