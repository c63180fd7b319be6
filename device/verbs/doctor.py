"""`tillmark doctor`: what is plugged in, what is wrong, and how to mend it."""

from __future__ import annotations

import json
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from core.settings import BadSetting

LISTEN_S = 3.0  # a printer is asked every two seconds; a device that says nothing in three is silent


@dataclass(frozen=True, slots=True)
class Finding:
    """`good` True, or what to do in `mend`."""

    what: str
    good: bool
    says: str
    mend: str = ""


@click.command(epilog="Example:  tillmark doctor --config /etc/tillmark/tillmark.toml")
@click.option("--config", "file", type=click.Path(path_type=Path), help="The device's TOML file.")
@click.option("--faults", is_flag=True, help="Print the whole catalogue of faults as a document instead.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a finding.")
def command(file: Path | None, faults: bool, as_json: bool) -> None:
    """Look at this machine and, with --config, at every device it should have. Exit 0 when all is well, else 1."""
    if faults:
        from device.fault_pages import fault_pages

        click.echo(fault_pages(), nl=False)
        return
    findings = [*_machine(), *(_device(file) if file else ())]
    for finding in findings:
        if as_json:
            click.echo(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            click.echo(f"{'ok ' if finding.good else 'BAD'}  {finding.what}: {finding.says}")
            if finding.mend:
                click.echo(f"       {finding.mend}")
    sys.exit(0 if all(finding.good for finding in findings) else 1)


def _machine() -> list[Finding]:
    """What every terminal needs of its machine."""
    from ui.settings import NANUM

    font = Path(NANUM)
    free = shutil.disk_usage("/").free // 2**20
    return [
        Finding("python", sys.version_info >= (3, 11), sys.version.split()[0], ""),
        Finding(
            "disk", free >= 200, f"{free} MiB free", "" if free >= 200 else "Make room: the journal needs 200 MiB."
        ),
        Finding(
            "font", font.exists(), str(font), "" if font.exists() else "apt-get install fonts-nanum: Hangul needs it."
        ),
    ]


def _device(file: Path) -> list[Finding]:
    from device.checked import checked

    try:
        described = checked(file)
    except BadSetting as error:
        return [Finding("configuration", False, str(error), "Correct that key and ask again.")]
    findings = [Finding("configuration", True, str(file))]
    if described.config.vault.socket:
        findings.append(_vault(Path(described.config.vault.socket)))
    return findings + _listen(described)


def _vault(path: Path) -> Finding:
    """Whether the cash side answers, and whether it could pay."""
    from core.faults.catalogue import entry
    from core.vault_talk import AskState, VaultState
    from device.vault_line import VaultLine, VaultLost

    try:
        line = VaultLine(path)
        try:
            number, deadline = line.ask(AskState()), time.monotonic() + LISTEN_S
            while (left_s := deadline - time.monotonic()) > 0:
                heard = line.hear(int(left_s * 1000))
                if heard is not None and heard.id == number and isinstance(heard.reply, VaultState):
                    return _stands(heard.reply)
        finally:
            line.close()
    except VaultLost as lost:
        return Finding("vault", False, f"{lost.code} {lost.detail}", entry(lost.code).technician)
    return Finding("vault", False, "says nothing", entry("TM-ATM-001").technician)


def _stands(state: object) -> Finding:
    from core.faults.catalogue import entry
    from core.vault_talk import VaultState

    assert isinstance(state, VaultState)
    says = f"{state.vault}, {len(state.cassettes)} cassettes, {state.unsent} statements on their way"
    if state.ready:
        return Finding("vault", True, f"ready, {says}")
    mend = entry(state.code).technician if state.code else ""
    return Finding("vault", False, f"{'suspended' if state.suspended else 'not ready'}, {state.code}, {says}", mend)


def _listen(described: object) -> list[Finding]:
    """Open every device for a few seconds, as a running terminal would, and hear what it says of itself."""
    from core.events import DeviceStateChanged, Event, Health
    from core.faults.catalogue import entry
    from device.checked import Checked
    from device.hands import Hand
    from device.system import SystemClock, open_log

    assert isinstance(described, Checked)
    heard: dict[str, DeviceStateChanged] = {}

    def hear(event: Event) -> None:
        if isinstance(event, DeviceStateChanged):
            heard[event.role] = event

    clock, log = SystemClock(), open_log("critical")
    hands = [Hand(spec, clock, log, hear, lambda picture: None) for spec in described.hands]
    for hand in hands:
        hand.start()
    deadline = time.monotonic() + LISTEN_S
    while time.monotonic() < deadline and len(heard) < len(hands):
        time.sleep(0.05)
    for hand in hands:
        hand.stop()
    for hand in hands:
        hand.join()
    findings = []
    for hand in hands:
        news = heard.get(hand.role)
        if news is None:
            findings.append(Finding(hand.role, False, "says nothing", "Check its cable and its power."))
        elif news.health is Health.READY:
            findings.append(Finding(hand.role, True, "ready"))
        else:
            page = entry(news.code)
            says = f"{news.health.value}, {news.code} {page.meaning}"
            findings.append(Finding(hand.role, news.health is Health.DEGRADED, says, page.technician))
    return findings
