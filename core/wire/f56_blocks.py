"""The messages of an F53/F56 as the data of blocks, and back. Sources and layouts: `core.wire.f56_messages`."""

from __future__ import annotations

from typing import Final

from core.wire.f56_messages import (
    _COUNT_KEY,
    _ENHANCED,
    AS_KNOWN,
    COUNT_ODR,
    ENHANCED_SIZES,
    FS,
    NOTES_MAX,
    Answer,
    Asked,
    AskStatus,
    CassetteRegister,
    Class,
    Count,
    Detail,
    Dialect,
    Enhanced,
    EnhancedAsk,
    Init,
    Other,
    Reply,
    Undefined,
    digits,
    number,
)
from core.wire.serial_frames import BadFrame

_STATUS: Final = bytes([0x00, 0x01, FS])
_INIT: Final = bytes([0x60, 0x02, 0x0D])
_COUNT: Final = bytes([0x60, 0x03, 0x15])
_OK, _FAILED = 0xE0, 0xF0
_SENSORS: Final = 0x0C  # offset of the sensor register in a conventional reply
_CONVENTIONAL: Final = {1: 0x34, 2: 0x34, 3: 0x99}  # parameters of a reply; that of status is a guess, see Dialect
_DISPENSED, _REJECTED = 0x27, 0x2F  # offsets in a conventional count reply
_FIRST, _SECOND = (90, 98), (207, 215)  # dispensed, rejected of cassettes 1-4 and 5-8 in an enhanced count reply
_COMMON: Final = 6  # where the common part of an enhanced reply begins
CASSETTES: Final = 4


# -- commands ----------------------------------------------------------------------------------------


def encode(asked: Asked) -> bytes:
    """The data of the host's block. Raises `BadFrame` for counts or sizes the device must not be given."""
    match asked:
        case AskStatus():
            return _STATUS
        case Init(lengths, thickness, odr):
            if len(lengths) != CASSETTES or len(thickness) != CASSETTES:
                raise BadFrame("f56", "shape")
            sizes = [part for pair in lengths for part in pair]
            if not all(0 <= part <= 0xFF for part in (*sizes, *thickness, odr)):
                raise BadFrame("f56", "range")
            return _INIT + bytes([odr, *sizes, *thickness, FS])
        case Count(counts) if len(counts) == CASSETTES:
            return _COUNT + bytes([COUNT_ODR]) + _group(asked, counts) + bytes([FS])
        case Count(counts) if len(counts) == 2 * CASSETTES:
            groups = _group(asked, counts[:CASSETTES]) + _group(asked, counts[CASSETTES:])
            return _wrapped(0x60, Enhanced.COUNT, _COUNT_KEY + groups)
        case Count():
            raise BadFrame("f56", "shape")
        case EnhancedAsk(command, params):
            return _wrapped(0x60, command, params)
    return asked.data


def _group(order: Count, counts: tuple[int, ...]) -> bytes:
    """Four counts, four reject limits, four pick retries."""
    if not any(order.counts) or not all(0 <= count <= NOTES_MAX for count in counts):
        raise BadFrame("f56", "range")
    rejects = digits(order.rejects) * CASSETTES
    return b"".join(map(digits, counts)) + rejects + bytes([order.retries] * CASSETTES)


def _wrapped(head: int, command: int, params: bytes) -> bytes:
    return bytes([head, command]) + _ENHANCED + len(params).to_bytes(2, "big") + params + bytes([FS])


def decode(data: bytes) -> Asked:
    """What the host's block asks. A block of unknown layout, or with digits that are none, is `Other`."""
    if data == _STATUS:
        return AskStatus()
    if data[:3] == _INIT and len(data) == 17 and data[-1] == FS:
        return Init(tuple((data[at], data[at + 1]) for at in range(4, 12, 2)), tuple(data[12:16]), data[3])
    if data[:4] == _COUNT + bytes([COUNT_ODR]) and len(data) == 25 and data[-1] == FS:
        return _count(data[4:24]) or Other(data)
    params = _params(data)
    if data[:1] != b"\x60" or params is None or data[1] not in Enhanced.__members__.values():
        return Other(data)
    if data[1] != Enhanced.COUNT:
        return EnhancedAsk(Enhanced(data[1]), params)
    if len(params) != 44 or params[:4] != _COUNT_KEY:
        return Other(data)
    return _count(params[4:24], params[24:44]) or Other(data)


def _count(*groups: bytes) -> Count | None:
    """None unless all cassettes have one reject limit and one number of retries: we know no other sender."""
    counts = [number(group[at : at + 2]) for group in groups for at in range(0, 8, 2)]
    rejects = {number(group[at : at + 2]) for group in groups for at in range(8, 16, 2)}
    retries = {byte for group in groups for byte in group[16:20]}
    whole = tuple(count for count in counts if count is not None)
    (limit, *others), (tries, *more) = rejects, retries
    return None if len(whole) < len(counts) or limit is None or others or more else Count(whole, limit, tries)


def _params(data: bytes) -> bytes | None:
    """The parameters of an enhanced block whose counted length is right."""
    if len(data) < 7 or data[2:4] != _ENHANCED or data[-1] != FS or int.from_bytes(data[4:6], "big") != len(data) - 7:
        return None
    return data[6:-1]


# -- replies -----------------------------------------------------------------------------------------


def encode_reply(reply: Reply, dialect: Dialect = AS_KNOWN) -> bytes:
    """The data of the device's block. Fields that a reply of its kind does not carry are not written."""
    match reply:
        case Undefined(error, detail):
            return bytes([_FAILED, 0x00, 0x02, error, detail, FS])
        case Other(data):
            return data
        case Answer(enhanced=True):
            return _encode_enhanced(reply)
    if reply.command not in _CONVENTIONAL:
        raise BadFrame("f56", "shape")
    head = _FAILED if reply.failed else dialect.status_head if reply.command == 1 else _OK
    size = dialect.status_params if reply.command == 1 else _CONVENTIONAL[reply.command]
    whole = bytearray(bytes([head, reply.command, size, reply.error, reply.detail]) + bytes(size - 2) + bytes([FS]))
    whole[_SENSORS : _SENSORS + 6] = reply.sensors
    if reply.command == 3:
        _put(whole, _DISPENSED, reply.dispensed)
        _put(whole, _REJECTED, reply.rejected)
    return bytes(whole)


def _encode_enhanced(reply: Answer) -> bytes:
    size = ENHANCED_SIZES.get(reply.command)
    if size is None:
        raise BadFrame("f56", "shape")
    data = bytearray(_wrapped(_FAILED if reply.failed else _OK, reply.command, bytes(size - 7)))
    registers = [
        one.low << 7 | one.no_denomination << 5 | one.out_of_place << 4 | one.magnets & 0x0F for one in reply.registers
    ]
    part = bytes([reply.error, reply.detail]) + reply.version
    part += bytes([reply.classes, reply.details, reply.count_errors]) + reply.sensors + bytes(registers)
    data[_COMMON : _COMMON + len(part)] = part
    if reply.command == Enhanced.COUNT:
        for (dispensed, rejected), half in ((_FIRST, slice(0, 4)), (_SECOND, slice(4, 8))):
            _put(data, dispensed, reply.dispensed and reply.dispensed[half])
            _put(data, rejected, reply.rejected and reply.rejected[half])
    return bytes(data)


def _put(data: bytearray, at: int, counts: tuple[int, ...] | None) -> None:
    for place, count in enumerate(counts or ()):
        data[at + 2 * place : at + 2 * place + 2] = digits(count)


def decode_reply(data: bytes) -> Reply:
    """What the device's block says; one of unknown layout is `Other`."""
    if len(data) == 6 and data[:3] == bytes([_FAILED, 0x00, 0x02]) and data[-1] == FS:
        return Undefined(data[3], data[4])
    params = _params(data)
    if params is not None:
        known = data[0] in (_OK, _FAILED) and ENHANCED_SIZES.get(data[1]) == len(data)
        return _enhanced(data) if known else Other(data)
    if len(data) < _SENSORS + 7 or data[1] not in _CONVENTIONAL or data[2] != len(data) - 4 or data[-1] != FS:
        return Other(data)
    if data[1] != 1 and (data[0] not in (_OK, _FAILED) or data[2] != _CONVENTIONAL[data[1]]):
        return Other(data)
    counted = data[1] == 3
    return Answer(
        data[1],
        enhanced=False,
        failed=data[0] == _FAILED,
        error=data[3],
        detail=data[4],
        sensors=data[_SENSORS : _SENSORS + 6],
        dispensed=_counts(data, _DISPENSED) if counted else None,
        rejected=_counts(data, _REJECTED) if counted else None,
    )


def _enhanced(data: bytes) -> Answer:
    part = data[_COMMON : _COMMON + 84]
    counted = data[1] == Enhanced.COUNT
    return Answer(
        data[1],
        enhanced=True,
        failed=data[0] == _FAILED,
        error=part[0],
        detail=part[1],
        version=part[2:6],
        classes=Class(part[6]),
        details=Detail(part[7]),
        count_errors=part[8],
        sensors=part[9:15],
        registers=tuple(
            CassetteRegister(bool(byte & 0x80), bool(byte & 0x20), bool(byte & 0x10), byte & 0x0F)
            for byte in part[15:19]
        ),
        dispensed=_counts(data, _FIRST[0], _SECOND[0]) if counted else None,
        rejected=_counts(data, _FIRST[1], _SECOND[1]) if counted else None,
    )


def _counts(data: bytes, *starts: int) -> tuple[int, ...] | None:
    found = [number(data[at : at + 2]) for start in starts for at in range(start, start + 8, 2)]
    whole = tuple(count for count in found if count is not None)
    return whole if len(whole) == len(found) else None


def implausible(reply: Reply, asked: Asked) -> str | None:
    """Why `reply` cannot be the answer to `asked`, or None: ``command`` a late reply, ``more`` notes than asked for."""
    if isinstance(reply, Undefined):
        return None
    data = encode(asked)
    enhanced = data[2:4] == _ENHANCED
    if not isinstance(reply, Answer) or (reply.command, reply.enhanced) != (data[1], enhanced):
        return "command"
    if isinstance(asked, Count) and reply.dispensed:
        return "more" if any(out > count for out, count in zip(reply.dispensed, asked.counts, strict=True)) else None
    return None
