"""The closed loop: equal on chip and in Python, upright, and sensitive to a single weight."""

import numpy as np
import pytest


def test_golden_equals_python_and_the_pendulum_stands(tmp_path, capsys) -> None:
    import closed_loop

    assert closed_loop.main(["--device", "golden", "--steps", "700", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "values that differ          0\n" in out
    assert (tmp_path / "closed_loop.png").read_bytes()[:4] == b"\x89PNG"


def test_the_loop_depends_on_a_single_weight() -> None:
    """If one weight of 4,096 changes, the trajectory does: so equality says something."""
    import closed_loop

    from lava_hw import Loihi2SimCfg, RunSteps

    histories = []
    for change in (0, 2):
        loop = closed_loop.build_loop(300, kicks={100: 1.0})
        weights = loop.sense.weights.init.copy()
        weights[5, 3] += change
        loop.sense.weights.init = weights
        with loop.plant as plant:
            plant.run(RunSteps(num_steps=300), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
            histories.append(plant.history.get())
    assert np.abs(histories[0][:, 0]).max() < 0.5
    assert np.abs(histories[0][-50:, 0]).max() < 0.1
    assert not np.array_equal(*histories)


def test_without_controller_the_pendulum_falls() -> None:
    import closed_loop

    from lava_hw import Loihi2SimCfg, RunSteps

    plant = closed_loop.Pendulum(400, 0.25, {}, name="alone")
    with plant:
        plant.run(RunSteps(num_steps=400), run_cfg=Loihi2SimCfg(select_tag="fixed_pt"))
        assert np.abs(plant.history.get()[:, 0]).max() > 1


def test_steps_below_one_are_refused(capsys) -> None:
    import closed_loop

    with pytest.raises(SystemExit):
        closed_loop.main(["--device", "golden", "--steps", "0"])
    assert "--steps must be at least 1" in capsys.readouterr().err
