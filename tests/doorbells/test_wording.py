"""What sounds like a ring."""

import pytest

from custom_components.alexa_doorbell.doorbells.sources import ring_like


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        pytest.param(["ring"], ["ring"], id="Home Assistant"),
        pytest.param(["ding", "motion"], ["ding"], id="Ring"),
        pytest.param(["doorbell_chime", "camera_motion"], ["doorbell_chime"], id="Nest"),
        pytest.param(["visitor", "person", "pet"], ["visitor"], id="Reolink"),
        pytest.param(
            ["initial_press", "long_press", "short_release", "long_release"],
            ["initial_press"],
            id="Hue",
        ),
        pytest.param(["press", "double_press", "long_press"], ["press"], id="BTHome"),
        pytest.param(
            ["btn_down", "btn_up", "single_push", "double_push", "long_push"],
            ["single_push"],
            id="Shelly",
        ),
        pytest.param(["pressed", "released"], ["pressed"], id="a switch"),
        pytest.param(["Ring", "RING_END"], ["Ring"], id="capitals"),
        pytest.param(["ring", "press"], ["ring"], id="a ring before a press"),
        pytest.param(["idle", "ringing", "on_call"], ["ringing"], id="a door phone"),
        pytest.param(["not_ringing", "ringing", "missed_ring"], ["ringing"], id="its contrary"),
        pytest.param(["ring_stopped", "long_ring"], [], id="only what comes after"),
        pytest.param(["spring", "string", "bellow"], [], id="only parts of words"),
        pytest.param(["a", "b"], [], id="nothing"),
        pytest.param([], [], id="none"),
        pytest.param(
            ["multi_press_1", "multi_press_2", "long_press", "long_release"],
            ["multi_press_1"],
            id="Matter",
        ),
        pytest.param(["pushed", "held", "double"], ["pushed"], id="SmartThings"),
        pytest.param(
            ["press_short", "press_long", "press_long_start", "press_long_release"],
            ["press_short"],
            id="Homematic",
        ),
        pytest.param(
            ["short_release", "long_press", "long_release"],
            ["short_release"],
            id="a press that is told when it ends",
        ),
        pytest.param(
            ["1_single", "1_double", "hold", "2_single", "2_double"],
            ["1_single"],
            id="the first of several buttons",
        ),
        pytest.param(["on", "off", "brightness_move_up"], [], id="a remote control"),
        pytest.param(
            ["press_end", "multi_press_end", "long_press_start", "long_press_end"],
            ["press_end"],
            id="the end alone",
        ),
        pytest.param(
            ["press_start", "press_end", "long_press_start", "multi_press_end"],
            ["press_start"],
            id="the beginning of a press that has an end",
        ),
        pytest.param(
            ["short_press_release", "long_press_timeout", "long_press_release"],
            ["short_press_release"],
            id="Bang & Olufsen",
        ),
        pytest.param(["click", "double_click", "press"], ["click"], id="Tuya, whose press is long"),
        pytest.param(["Pressed", "Released", "HeldDown", "Pressed2"], ["Pressed"], id="Fibaro"),
        pytest.param(["KeyPressed", "KeyReleased", "KeyHeldDown"], ["KeyPressed"], id="Z-Wave"),
        pytest.param(["DoorbellPressed", "CodeEntered"], ["DoorbellPressed"], id="camel case"),
        pytest.param(
            ["incoming_call", "missed_call", "accepted_call"], ["incoming_call"], id="Netatmo"
        ),
        pytest.param(["on_call", "calling", "idle"], ["calling"], id="who calls"),
        pytest.param(["calling", "ringing", "idle"], ["ringing"], id="a ring before a call"),
        pytest.param(
            ["Not in use", "Ringing", "In use", "Ringing in use"],
            ["Ringing", "Ringing in use"],
            id="Asterisk",
        ),
        pytest.param(["idle", "ring", "onCall"], ["ring"], id="Hikvision"),
        pytest.param(
            ["unifi_access_doorbell_start", "unifi_access_doorbell_stop"],
            ["unifi_access_doorbell_start"],
            id="UniFi Access",
        ),
        pytest.param(["activated", "ring"], ["ring"], id="free@home"),
        pytest.param(["released", "up", "down"], [], id="only directions"),
    ],
)
def test_what_sounds_like_a_ring_is_chosen_beforehand(names: list[str], chosen: list[str]) -> None:
    assert ring_like(names) == chosen
