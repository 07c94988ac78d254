"""The worker pool: Python processes of one network, spread over processes of the operating system.

| module | what |
|---|---|
| `fork.py` | starts and ends the operating-system processes |
| `connection.py` | packets between two workers, over rings of shared memory |
| `rpc.py` | the endpoint that all workers have: packets, calls |
| `coordinator.py` | the program's worker: barriers, phases, ends of all |
| `pool.py` | the other workers, as the coordinator knows them |
| `remote_worker.py` | another worker |
| `remote_channel.py` | both ends of a channel between two workers |
| `process_proxy.py` | stands for a process of another worker |
| `remote_exceptions.py` | exceptions that go to another worker |
| `states.py` | states that a worker sends of itself |

`lava_hw/runtime/placement.py` decides which process runs where.
"""
