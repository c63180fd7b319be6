"""The camera driver: its host decides by what it is told; the whole driver watches a real stream and real files."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno

from core.code import compose
from core.effects import Arm, Disarm, Wanted
from core.events import CodeScanned, DeviceStateChanged, Health, Source, Symbology
from core.faults.camera import BLACK, FROZEN, LOST, NOT_OPENED, SILENT
from core.ports import DriverFault
from drivers import camera_qr
from drivers.camera_qr import Host, Settings
from drivers.kit.sight.reads import Read
from sim.peers.camera import CameraPeer
from tests.drivers.camera_bench import DEADLINE_S, Ear, pump_until

CODE = compose(123_456_789, 555_555).digits
BRIGHT = bytes(range(100, 200))
BLACK_SAMPLE = bytes([1, 2, 0, 3] * 25)


# -- settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("port", ["0", "/dev/video2", "http://127.0.0.1:8081/stream", "rtsp://cam/1", "seq/%04d.png"])
def test_a_port_that_can_be_a_camera_is_taken(port: str) -> None:
    assert Settings(port=port).port == port


@pytest.mark.parametrize("port", ["", "camera", "seq/0001.png"])
def test_a_port_that_cannot_be_a_camera_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="port must be"):
        Settings(port=port)


def test_a_setting_out_of_range_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="fps must be between 1 and 120"):
        Settings(port="0", fps=0)


def test_the_password_of_a_network_camera_is_not_shown() -> None:
    name = Settings(port="http://till:secret@10.0.0.7:8080/video?key=secret").name()
    assert name == "http://10.0.0.7:8080/video"


# -- the host -----------------------------------------------------------------------------------------


def host(**changes: object) -> Host:
    return Host(Settings(port="0", **changes), "camera", 0)  # type: ignore[arg-type]


def test_the_first_frame_says_that_the_camera_is_ready_once() -> None:
    camera = host()
    assert camera.frame(BRIGHT, 10) == (DeviceStateChanged("camera", Health.READY),)
    assert camera.frame(BRIGHT[::-1], 40) == ()


def test_a_code_becomes_an_event_of_the_camera_only_while_armed() -> None:
    camera = host()
    read = Read(Symbology.QR, CODE, (), "half", 0.4)
    assert camera.reads([read], 0) == ()
    camera.arm((Wanted.PERSONAL,))
    assert camera.reads([read], 33) == (CodeScanned(Source.CAMERA, Symbology.QR, CODE),)


def test_a_covered_lens_is_degraded_after_two_seconds_and_ready_when_it_sees_again() -> None:
    camera = host()
    camera.frame(BRIGHT, 0)
    assert camera.frame(BLACK_SAMPLE, 100) == ()
    assert camera.frame(BLACK_SAMPLE, 2_200) == (DeviceStateChanged("camera", Health.DEGRADED, BLACK, "0"),)
    assert camera.frame(BLACK_SAMPLE, 9_000) == ()
    assert camera.frame(BRIGHT, 9_100) == (DeviceStateChanged("camera", Health.READY),)


def test_a_frozen_picture_is_a_fault_after_three_seconds() -> None:
    camera = host()
    for now in range(0, 3_000, 100):
        camera.frame(BRIGHT, now)
    with pytest.raises(DriverFault) as fault:
        camera.frame(BRIGHT, 3_100)
    assert fault.value.code == FROZEN


def test_a_picture_in_which_one_pixel_changes_is_not_frozen() -> None:
    camera = host()
    for now in range(0, 20_000, 100):
        camera.frame(BRIGHT[:-1] + bytes([100 + now // 100 % 2]), now)


def test_a_still_picture_may_be_allowed() -> None:
    camera = host(watch_frozen=False)
    for now in range(0, 20_000, 100):
        camera.frame(BRIGHT, now)


def test_silence_is_a_fault_after_its_time_and_any_frame_ends_it() -> None:
    camera = host(silent_ms=1_000)
    camera.no_frame(900)
    camera.alive(950)
    camera.no_frame(1_900)
    with pytest.raises(DriverFault) as fault:
        camera.no_frame(1_950)
    assert fault.value.code == SILENT


# -- the whole driver, on a stream over HTTP ----------------------------------------------------------


@pytest.fixture
def peer() -> Iterator[CameraPeer]:
    camera = CameraPeer(seed=4, width=640, height=480, fps=30)
    yield camera
    camera.close()


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def driver(peer: CameraPeer, ear: Ear) -> Iterator[camera_qr.Camera]:
    opened = camera_qr.open(Settings(port=peer.url, width=640, height=480, silent_ms=600), ear.kit())
    yield opened
    opened.close()


def test_a_phone_held_up_is_delivered_once_and_shown_in_the_viewfinder(
    driver: camera_qr.Camera, peer: CameraPeer, ear: Ear
) -> None:
    driver.perform(Arm((Wanted.PERSONAL,)))
    peer.show(CODE)
    pump_until(driver, lambda: bool(ear.scanned()))
    shown = len(ear.pictures)
    pump_until(driver, lambda: len(ear.pictures) >= shown + 4)
    assert ear.scanned() == [CODE]
    assert ear.states() == [("ready", "")]
    assert (ear.pictures[-1].width, ear.pictures[-1].height) == (320, 240)
    assert len(ear.pictures[-1].luma) == 320 * 240


def test_while_disarmed_a_code_is_not_delivered_and_arming_delivers_it(
    driver: camera_qr.Camera, peer: CameraPeer, ear: Ear
) -> None:
    peer.show(CODE, "code128")
    pump_until(driver, lambda: bool(ear.states()))
    before = peer.frames_sent
    pump_until(driver, lambda: peer.frames_sent > before + 8)
    assert ear.scanned() == []
    assert ear.pictures == []
    driver.perform(Arm((Wanted.PERSONAL,)))
    pump_until(driver, lambda: bool(ear.scanned()))
    driver.perform(Disarm())
    assert ear.scanned() == [CODE]


def test_a_code_is_delivered_within_a_few_frames_of_being_visible(
    driver: camera_qr.Camera, peer: CameraPeer, ear: Ear
) -> None:
    driver.perform(Arm((Wanted.PERSONAL,)))
    pump_until(driver, lambda: len(ear.pictures) > 2)
    waits_ms: list[float] = []
    for number in range(7):
        began = time.monotonic()
        peer.show(compose(number, number).digits)
        pump_until(driver, lambda wanted=number: len(ear.scanned()) > wanted)  # type: ignore[misc]
        waits_ms.append((time.monotonic() - began) * 1000)
    # 40 ms is the target on a free machine and `tillmark bench device` measures it; here the machine may be busy.
    assert min(waits_ms) < 400


def test_a_stream_that_ends_is_a_lost_camera_and_it_can_be_opened_again(
    driver: camera_qr.Camera, peer: CameraPeer, ear: Ear
) -> None:
    pump_until(driver, lambda: bool(ear.states()))
    peer.fault("unplug")
    with pytest.raises(DriverFault) as fault:
        pump_until(driver, lambda: False)
    assert fault.value.code == LOST
    driver.close()
    with pytest.raises(DriverFault) as refused:
        camera_qr.open(Settings(port=peer.url), ear.kit())
    assert refused.value.code == NOT_OPENED
    peer.fault("none")
    again = camera_qr.open(Settings(port=peer.url), ear.kit())
    again.perform(Arm((Wanted.PERSONAL,)))
    peer.show(CODE)
    pump_until(again, lambda: ear.scanned() == [CODE])
    again.close()


def test_a_camera_that_stops_sending_is_a_fault_within_its_time(
    driver: camera_qr.Camera, peer: CameraPeer, ear: Ear
) -> None:
    pump_until(driver, lambda: bool(ear.states()))
    peer.fault("silent")
    began = time.monotonic()
    with pytest.raises(DriverFault) as fault:
        pump_until(driver, lambda: False)
    # Either the driver's own patience or FFMPEG's, which is set to the same: both name the camera as gone.
    assert fault.value.code in (SILENT, LOST)
    assert time.monotonic() - began < DEADLINE_S / 2


def test_nothing_at_the_address_is_refused_by_name(ear: Ear) -> None:
    with pytest.raises(DriverFault) as fault:
        camera_qr.open(Settings(port="http://127.0.0.1:9/stream", open_timeout_ms=500), ear.kit())
    assert fault.value.code == NOT_OPENED


def test_no_camera_at_the_index_is_refused_by_name(ear: Ear) -> None:
    with pytest.raises(DriverFault) as fault:
        camera_qr.open(Settings(port="/dev/video97"), ear.kit())
    assert fault.value.code == NOT_OPENED


def test_a_sequence_of_files_is_shown_again_and_again(tmp_path: Path, ear: Ear) -> None:
    bits = np.array([list(row) for row in segno.make(CODE, micro=False).matrix_iter(border=4)], np.uint8)
    code = np.kron(np.where(bits, 20, 235), np.ones((8, 8))).astype(np.uint8)
    empty = np.full_like(code, 120)
    for number, picture in enumerate((empty, code, empty)):
        cv2.imwrite(str(tmp_path / f"{number:04d}.png"), picture)
    port = str(tmp_path / "%04d.png")
    camera = camera_qr.open(Settings(port=port, fps=60, personal_life_ms=0, gone_ms=0), ear.kit())
    camera.perform(Arm((Wanted.PERSONAL,)))
    pump_until(camera, lambda: bool(ear.scanned()))
    began = len(ear.pictures)
    pump_until(camera, lambda: len(ear.pictures) > began + 3)
    assert ear.states() == [("ready", "")]
    camera.close()
