"""What runs where: a report of a network, as values, as a table, as HTML, and as one line."""

from lava_hw.report.line import announce, line
from lava_hw.report.make import make_report
from lava_hw.report.types import ConnectionReport, CoreReport, ProcessReport, Report

__all__ = ["ConnectionReport", "CoreReport", "ProcessReport", "Report", "announce", "line", "make_report"]
