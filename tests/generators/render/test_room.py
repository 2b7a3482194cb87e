"""The room: unit energy, decay, linearity and wrap-around."""

import numpy as np

from generators.render.palette import Room
from generators.render.room import add_wrapped, impulse_response, reverberate

RATE = 22050
ROOM = Room(1.0, 0.02, 5000.0)


def test_a_response_has_unit_energy_and_is_wide() -> None:
    response = impulse_response(ROOM, RATE)
    assert np.allclose(np.sum(response**2, axis=1), 1.0, atol=1e-4)
    assert abs(float(np.dot(response[0], response[1]))) < 0.3


def test_a_response_dies_in_its_decay_time() -> None:
    response = impulse_response(ROOM, RATE)
    early = np.sum(response[:, : RATE // 4] ** 2)
    late = np.sum(response[:, int(0.8 * RATE) :] ** 2)
    assert 10.0 * np.log10(late / early) < -35.0


def test_larger_rooms_ring_longer() -> None:
    def centre(room: Room) -> float:
        power = np.sum(impulse_response(room, RATE) ** 2, axis=0)
        return float(np.sum(power * np.arange(len(power))))

    assert centre(Room(0.6)) < centre(Room(1.5)) < centre(Room(3.0))


def test_convolution_in_blocks_is_convolution() -> None:
    response = impulse_response(Room(0.3), RATE)
    send = np.random.default_rng(0).standard_normal(7 * RATE).astype(np.float32)
    wet = np.zeros((2, len(send)), np.float32)
    reverberate(wet, send, response, loop=False)
    for channel in range(2):
        direct = np.fft.irfft(np.fft.rfft(send, 2**18) * np.fft.rfft(response[channel], 2**18), 2**18)
        assert np.max(np.abs(wet[channel] - direct[: len(send)])) < 1e-3


def test_a_loop_keeps_all_the_energy_that_an_end_cuts_off() -> None:
    response = impulse_response(ROOM, RATE)
    send = np.zeros(RATE // 2, np.float32)
    send[-10] = 1.0
    wrapped, cut = np.zeros((2, len(send)), np.float32), np.zeros((2, len(send)), np.float32)
    reverberate(wrapped, send, response, loop=True)
    reverberate(cut, send, response, loop=False)
    assert np.allclose(wrapped.sum(axis=1), response.sum(axis=1), atol=1e-2)
    assert np.sum(cut**2) < 0.01


def test_sounds_are_dropped_or_wrapped_at_the_borders() -> None:
    sound = np.ones((2, 5), np.float32)
    cut, wrapped = np.zeros((2, 4), np.float32), np.zeros((2, 4), np.float32)
    add_wrapped(cut, sound, -2, loop=False)
    add_wrapped(wrapped, sound, -2, loop=True)
    assert cut[0].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert wrapped[0].tolist() == [1.0, 1.0, 2.0, 1.0]
