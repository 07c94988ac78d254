"""Several workers: Python processes of one network spread over processes of the operating system.

| module | what |
|---|---|
| `placement.py` | which process runs where |
| `line.py` | packets between two workers, over rings of shared memory |
| `ends.py` | a channel between two workers |
| `elsewhere.py` | stands for a process of another worker |
| `post.py` | what both sides share: packets, calls |
| `home.py` | the program's own worker: gates, phases, ends of all |
| `members.py` | the others, as that one knows them |
| `states.py` | what a worker says of itself |
| `member.py` | another worker |
| `fork.py` | starts and ends the operating-system processes |
| `told_errors.py` | exceptions on their way |
"""
