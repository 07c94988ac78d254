"""Executes a flat network: Python models as greenlets of one thread, the chip as one participant.

| subject | modules |
|---|---|
| greenlets and messages | `task.py`, `channel.py`, `greenlets.py`, `rng.py` |
| steps | `domain.py`, `peers.py`, `barrier.py`, `guards.py`, `phases.py`, `checkpoint.py`, `run_ahead.py` |
| parties | `participant.py`, `model_vars.py`, `model_build.py`, `executor.py`, `python.py`, `chip.py` |
| a worker | `scheduler.py` (who goes on), `worker.py` (runs and their ends), `worker_thread.py` |
| several workers | `placement.py`, `workers/` |
| from a network to a worker | `plan.py`, `build.py`, `launch.py` |
| ends at the user | `runtime.py`, `variables.py`, `reporting.py`, `samples.py`, `runner.py` |
| bars and warnings | `run_bar.py`, `slow_models.py`, `wraps.py` |
"""
