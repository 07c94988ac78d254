"""How the fuzz tests search among cases."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings

SEARCH = settings(
    deadline=None,
    database=None,
    print_blob=True,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
