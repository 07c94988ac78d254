"""Steps, stages and tokens against a model, with a chip that is busy for random times."""

from __future__ import annotations

import random
from collections.abc import Iterator

import cocotb
from module_bench import LinkReceiver, reset

from lava_hw.regs import EVENT_FLIT, FaultCode, FlitType, TokenIn, TokenOut

FAULTS = ("stage_fault_i", "input_fault_i", "ingress_fault_i", "csr_fault_i")


def out(code: TokenOut, stage: int = 0, step: int = 0) -> int:
    return EVENT_FLIT.pack(kind=FlitType.TOKEN, egress=1, conn=code, index=stage, payload=step)


def model(
    stages: int, closes: int, ends: int, tokens: list[tuple[int, int, int]]
) -> Iterator[tuple[str, object]]:
    """What docs/chip.md section 2 says of tokens (code, stage, step): GO and what is sent, in order."""
    queue, step = list(tokens), 0
    while queue:
        code, _, number = queue.pop(0)
        if code == TokenIn.RESET:
            step = 0
            yield "out", out(TokenOut.RESET_DONE)
        elif code == TokenIn.RUN and number > step:
            while step < number:
                step += 1
                for s in range(stages):
                    if closes >> s & 1:
                        if not queue:
                            return
                        if queue[0] != (TokenIn.CLOSE, s, step):
                            known = queue[0][0] in (TokenIn.CLOSE, TokenIn.RUN, TokenIn.RESET)
                            code = FaultCode.BAD_CLOSE if known else FaultCode.BAD_TOKEN
                            yield "out", out(TokenOut.FAULT, 63, code)
                            return
                        queue.pop(0)
                    yield "go", (s, step)
                    if ends >> s & 1:
                        yield "out", out(TokenOut.END, s, step)
            yield "out", out(TokenOut.PAUSED, 0, step)
        else:
            known = {TokenIn.RUN: FaultCode.BAD_RUN, TokenIn.CLOSE: FaultCode.BAD_CLOSE}
            yield "out", out(TokenOut.FAULT, 63, known.get(code, FaultCode.BAD_TOKEN))
            return


class Bench:
    """Plays the rest of the chip: offers tokens, and is busy for a random time after each GO and clear."""

    def __init__(self, dut, seed: int) -> None:
        self.dut, self.random = dut, random.Random(seed)
        self.out = LinkReceiver(dut.out_valid_o, dut.out_flit_o, dut.out_ready_i, self.random)
        self.tokens: list[tuple[int, int, int]] = []
        self.seen: list[tuple[str, object]] = []
        self.longest = 6
        self.idle_cycles = 0
        self.cycles = 0  # as lhw_cycles counts them
        self._busy = 0
        self._offered = False
        for name in ("token_valid_i", "token_code_i", "token_stage_i", "token_step_i", "config_waits_i"):
            getattr(dut, name).value = 0
        for name in (*FAULTS, "stage_fault_core_i", "input_fault_core_i", "host_valid_i"):
            getattr(dut, name).value = 0
        dut.quiet_i.value = 1
        dut.ingress_empty_i.value = 1
        dut.egress_empty_i.value = 1

    async def start(self, stages: int, closes: int, ends: int) -> None:
        dut = self.dut
        dut.stages_i.value, dut.needs_close_i.value, dut.needs_end_i.value = stages, closes, ends
        self.edge = await reset(dut)

    async def tick(self) -> None:
        dut = self.dut
        # After an edge at which `take` was 1 the token is gone.
        gone = self._offered and bool(dut.token_take_o.value)
        self.out.drive()
        was_idle = bool(dut.idle_o.value)
        self.cycles = 0 if dut.clear_o.value else self.cycles + int(dut.counts_o.value)
        await self.edge
        if gone:
            self.tokens.pop(0)
            self._offered = False
        elif self.tokens and not self._offered and self.random.random() < 0.5:
            code, stage, step = self.tokens[0]
            dut.token_code_i.value, dut.token_stage_i.value, dut.token_step_i.value = code, stage, step
            self._offered = True
        dut.token_valid_i.value = int(self._offered)
        dut.ingress_empty_i.value = int(not self.tokens)
        flit = self.out.look()
        if flit is not None:
            assert not self._busy, "a token was sent while the chip was at work"
            self.seen.append(("out", flit))
        if dut.go_o.value:
            assert not self._busy, "a stage was started while the chip was at work"
            assert not was_idle or self._offered or gone, (
                "a stage was started although the chip was called idle"
            )
            self.seen.append(("go", (int(dut.stage_o.value), int(dut.step_o.value))))
        # As in the chip, quiet is 0 in the cycle of the pulse, and for as long as what it starts takes.
        if dut.go_o.value or dut.clear_o.value:
            self._busy = 1 + self.random.randrange(self.longest + 1)
        elif self._busy:
            self._busy -= 1
        dut.quiet_i.value = int(not self._busy)
        self.idle_cycles = self.idle_cycles + 1 if dut.idle_o.value else 0

    async def until_idle(self, limit: int = 5000) -> None:
        for _ in range(limit):
            await self.tick()
            if self.idle_cycles > 1 and not self.tokens:
                return
        raise AssertionError(f"not idle after {limit} cycles; saw {self.seen[-3:]}")


def random_tokens(rng: random.Random, stages: int, closes: int) -> list[tuple[int, int, int]]:
    """A right stream, sometimes with one wrong token near its end."""
    tokens, step = [], 0
    for _ in range(rng.randrange(1, 5)):
        limit = step + rng.randrange(1, 4)
        tokens.append((TokenIn.RUN, 0, limit))
        tokens += [
            (TokenIn.CLOSE, s, t)
            for t in range(step + 1, limit + 1)
            for s in range(stages)
            if closes >> s & 1
        ]
        step = limit
        if rng.random() < 0.2:
            tokens.append((TokenIn.RESET, 0, 0))
            step = 0
    if rng.random() < 0.5:
        place = rng.randrange(len(tokens))
        wrong = rng.choice(
            [(TokenIn.CLOSE, 0, 77), (TokenIn.CLOSE, 9, 1), (TokenIn.RUN, 0, 0), (200, 0, 0), (0, 0, 0)]
        )
        tokens = [*tokens[:place], wrong]
    return tokens


@cocotb.test()
async def random_streams(dut):
    """GO, END, PAUSED, RESET_DONE and FAULT as the model says, for random stages, masks, times and stalls."""
    bench = Bench(dut, 1)
    await bench.start(1, 0, 0)
    for trial in range(150):
        rng = random.Random(trial)
        stages = rng.choice([1, 1, 2, 3, 5, 16])
        closes, ends = rng.getrandbits(16), rng.getrandbits(16)
        dut.stages_i.value, dut.needs_close_i.value, dut.needs_end_i.value = stages, closes, ends
        bench.longest = rng.choice([0, 3, 20])
        bench.out.pause = rng.choice([0.0, 0.5])
        tokens = random_tokens(rng, stages, closes)
        wanted = list(model(stages, closes, ends, tokens))
        bench.tokens = list(tokens)
        bench.seen.clear()
        await bench.until_idle()
        assert bench.seen == wanted, (trial, tokens)
        bench.out.came.clear()
        # Back to the start. While a CLOSE is due, RESET is a fault first.
        waiting = not int(dut.paused_o.value)
        bench.seen.clear()
        bench.tokens = [(TokenIn.RESET, 0, 0)]
        await bench.until_idle()
        fault = [("out", out(TokenOut.FAULT, 63, FaultCode.BAD_CLOSE))] if waiting else []
        assert bench.seen == [*fault, ("out", out(TokenOut.RESET_DONE))], trial
        state = (dut.step_o, dut.limit_o, dut.counts_o, dut.cycles_wait_o, dut.fault_code_o, dut.faulted_o)
        assert [int(pin.value) for pin in state] == [0] * 6
        assert bench.cycles == 0
        assert int(dut.paused_o.value) == 1


@cocotb.test()
async def no_dead_cycles(dut):
    """GO is given at the first edge at which the stage before is seen to be complete; counters count that."""
    bench = Bench(dut, 2)
    await bench.start(3, 0, 0b111)
    bench.longest = 0
    bench.tokens = [(TokenIn.RUN, 0, 4)]
    await bench.until_idle()
    assert len(bench.seen) == 3 * 4 * 2 + 1
    # Each stage of no work: a cycle in which GO is given, one in which the chip is seen to be quiescent.
    assert bench.cycles == 2 * 12
    assert int(dut.cycles_wait_o.value) == 0


@cocotb.test()
async def waiting_is_counted_within_a_step(dut):
    """And never as work: CYCLES stands still while the chip waits for the host."""
    bench = Bench(dut, 3)
    await bench.start(2, 0b11, 0)
    bench.tokens = [(TokenIn.RUN, 0, 5)]
    for _ in range(50):
        await bench.tick()
    assert int(dut.cycles_wait_o.value) == 0  # step 1 has not started
    assert bench.cycles == 0
    bench.tokens = [(TokenIn.CLOSE, 0, 1)]
    for _ in range(100):
        await bench.tick()
    first, work = int(dut.cycles_wait_o.value), bench.cycles
    assert work >= 2
    for _ in range(40):
        await bench.tick()
    assert int(dut.cycles_wait_o.value) == first + 40
    assert bench.cycles == work
    assert bench.idle_cycles > 1


async def back(bench: Bench) -> None:
    """Take all faults away and reset, from a chip that has reported one."""
    for name in FAULTS:
        getattr(bench.dut, name).value = 0
    bench.seen.clear()
    bench.tokens = [(TokenIn.CLOSE, 0, 1), (200, 0, 0), (TokenIn.RESET, 0, 0)]  # all but RESET are dropped
    await bench.until_idle()
    assert bench.seen == [("out", out(TokenOut.RESET_DONE))]
    bench.seen.clear()


@cocotb.test()
async def faults_of_a_stage(dut):
    """They are looked at when it is complete, and FAULT goes in place of END; at no other time."""
    bench = Bench(dut, 4)
    await bench.start(2, 0b10, 0b11)
    bench.longest = 30
    for core, code in ((0, FaultCode.BAD_OPCODE), (55, FaultCode.BAD_EVENT)):
        for name in FAULTS[1:]:
            getattr(dut, name).value = FaultCode.BAD_ADDRESS  # not looked at here
        dut.stage_fault_core_i.value = core
        bench.tokens = []
        bench.seen.clear()
        for _ in range(20):
            await bench.tick()
        for name in FAULTS[1:]:
            getattr(dut, name).value = 0
        bench.tokens = [(TokenIn.RUN, 0, 1)]
        while not bench.seen:
            await bench.tick()
        for name in FAULTS[1:]:
            getattr(dut, name).value = FaultCode.BAD_ADDRESS
        dut.stage_fault_i.value = code
        await bench.until_idle()
        assert bench.seen == [("go", (0, 1)), ("out", out(TokenOut.FAULT, core, code))]
        assert int(dut.fault_code_o.value) == code
        await back(bench)


@cocotb.test()
async def faults_of_the_input(dut):
    """They are looked at when a token or configuration is at the head and no stage is in progress."""
    bench = Bench(dut, 5)
    await bench.start(1, 1, 1)
    dut.input_fault_core_i.value = 9
    order = {
        "ingress_fault_i": (63, FaultCode.BAD_EVENT),
        "csr_fault_i": (63, FaultCode.BAD_ADDRESS),
        "input_fault_i": (9, FaultCode.BAD_EVENT),
    }
    for place, (name, (core, code)) in enumerate(order.items()):
        told = ("out", out(TokenOut.FAULT, core, code))

        def raise_fault(first: int = place) -> None:
            for later in list(order)[first:]:
                getattr(dut, later).value = order[later][1]

        # Nothing at the head: nothing is said, neither paused nor while a CLOSE is due.
        raise_fault()
        await bench.until_idle()
        assert bench.seen == []
        assert not dut.faulted_o.value
        # Any token makes it look, a bad one too, and does nothing else.
        for token in ((TokenIn.RUN, 0, 1), (TokenIn.CLOSE, 0, 1), (77, 0, 0)):
            raise_fault()
            bench.tokens = [token]
            await bench.until_idle()
            assert bench.seen == [told], (name, token)
            assert int(dut.step_o.value) == 0
            await back(bench)
        # RESET, too, and it takes effect then.
        raise_fault()
        bench.tokens = [(TokenIn.RESET, 0, 0)]
        while not bench.seen:
            await bench.tick()
        for other in FAULTS:
            getattr(dut, other).value = 0
        await bench.until_idle()
        assert bench.seen == [told, ("out", out(TokenOut.RESET_DONE))]
        bench.seen.clear()
        # Configuration, paused.
        raise_fault()
        dut.config_waits_i.value = 1
        await bench.until_idle()
        assert bench.seen == [told]
        dut.config_waits_i.value = 0
        await back(bench)
        # The CLOSE that the chip waits for; the END of the stage before has been sent.
        bench.tokens = [(TokenIn.RUN, 0, 3), (TokenIn.CLOSE, 0, 1)]
        await bench.until_idle()
        raise_fault()
        await bench.until_idle()
        assert bench.seen == [("go", (0, 1)), ("out", out(TokenOut.END, 0, 1))]
        bench.tokens = [(TokenIn.CLOSE, 0, 2)]
        await bench.until_idle()
        assert bench.seen[2:] == [told]
        assert int(dut.step_o.value) == 1
        await back(bench)


@cocotb.test()
async def configuration_that_waits_for_a_pause(dut):
    """While a CLOSE is due it waits for what cannot come."""
    bench = Bench(dut, 6)
    await bench.start(1, 1, 0)
    dut.config_waits_i.value = 1
    await bench.until_idle()
    assert bench.seen == []
    bench.tokens = [(TokenIn.RUN, 0, 3)]
    await bench.until_idle()
    assert bench.seen == [("out", out(TokenOut.FAULT, 63, FaultCode.BAD_CLOSE))]
    assert int(dut.paused_o.value) == 1
