"""What the child may do to the machine: little memory and time, no new file, no network, no other program.

Limits of the kernel's hold everywhere; the filter of system calls is Linux's, for x86-64 and 64-bit ARM.
"""

import ctypes
import errno
import os
import resource
import sys
import threading
import time
from pathlib import Path

_OPEN_FILES = 64
_SPARE_CPU_SECONDS = 5
_PARENT_CHECK_SECONDS = 1.0

# System calls by architecture: (the kernel's mark of it, seccomp's own number, calls that are refused).
_NO_NETWORK_NO_PROGRAM = {
    "x86_64": "socket:41 connect:42 accept:43 sendto:44 sendmsg:46 bind:49 listen:50 socketpair:53 fork:57 vfork:58 "
    "execve:59 ptrace:101 mount:165 accept4:288 process_vm_readv:310 process_vm_writev:311 bpf:321 execveat:322 "
    "io_uring_setup:425 pidfd_getfd:438",
    "aarch64": "mount:40 ptrace:117 socket:198 socketpair:199 bind:200 listen:201 accept:202 connect:203 sendto:206 "
    "sendmsg:211 execve:221 accept4:242 process_vm_readv:270 process_vm_writev:271 bpf:280 execveat:281 "
    "io_uring_setup:425 pidfd_getfd:438",
}
_NO_CHANGE_OF_FILES = {
    "x86_64": "truncate:76 ftruncate:77 rename:82 mkdir:83 rmdir:84 creat:85 link:86 unlink:87 symlink:88 chmod:90 "
    "fchmod:91 chown:92 fchown:93 mkdirat:258 unlinkat:263 renameat:264 linkat:265 symlinkat:266 fchmodat:268 "
    "fallocate:285 renameat2:316",
    "aarch64": "mkdirat:34 unlinkat:35 symlinkat:36 linkat:37 renameat:38 truncate:45 ftruncate:46 fallocate:47 "
    "fchmod:52 fchmodat:53 fchownat:54 fchown:55 renameat2:276",
}
_NOT_THERE = {"x86_64": "clone3:435 openat2:437", "aarch64": "clone3:435 openat2:437"}
_ARCHITECTURE_MARK = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP = {"x86_64": 317, "aarch64": 277}
# (number of the call, which argument holds the flags): opening for anything but reading is refused.
_OPENS = {"x86_64": ((2, 1), (257, 2)), "aarch64": ((56, 2),)}
_CLONE = {"x86_64": 56, "aarch64": 220}
_THREAD_FLAG = 0x00010000
_ANY_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

_LOAD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_SET, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_SET_NO_NEW_PRIVILEGES, _SET_MODE_FILTER, _ALL_THREADS = 38, 1, 1
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
_X32_NUMBERS = 0x40000000

_Step = tuple[int, int, int, int]


class _Instruction(ctypes.Structure):
    _fields_ = (("code", ctypes.c_ushort), ("jt", ctypes.c_ubyte), ("jf", ctypes.c_ubyte), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.POINTER(_Instruction)))


def die_with_parent() -> None:
    """End a second after the parent, whatever the engine does; a signal of the kernel's would follow a thread."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_CHECK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def limit_memory(memory_bytes: int) -> None:
    """Bounded memory, few open files, no core dumps; the network and other programs are out of reach."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _filter_calls(
        _refusals(_NO_NETWORK_NO_PROGRAM, errno.EPERM) + _refusals(_NOT_THERE, errno.ENOSYS) + _only_threads()
    )


def forbid_writing() -> None:
    """From here on no file can be made, grown, changed or opened for writing."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _filter_calls(_refusals(_NO_CHANGE_OF_FILES, errno.EPERM) + _only_reading_opens())


def limit_time(seconds: float, threads: int) -> None:
    """The kernel ends the process when it works longer than this, should the parent not."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = usage.ru_utime + usage.ru_stime
    soft = int(used + seconds * threads) + _SPARE_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def has_open(device: int, inode: int) -> bool:
    """Whether that very file is among the open ones: a path may have come to mean another since it was checked."""
    for entry in Path("/dev/fd").iterdir():
        try:
            status = os.fstat(int(entry.name))
        except OSError:
            continue
        if (status.st_dev, status.st_ino) == (device, inode):
            return True
    return False


def _machine() -> str:
    return os.uname().machine if sys.platform == "linux" else ""


def _refusals(calls: dict[str, str], number: int) -> list[_Step]:
    """Two steps a call: it answers with the error of that number."""
    found = [int(call.rpartition(":")[2]) for call in calls.get(_machine(), "").split()]
    return [step for call in found for step in ((_JUMP_IF_EQUAL, 0, 1, call), (_RETURN, 0, 0, _REFUSE | number))]


def _only_threads() -> list[_Step]:
    """`clone` makes threads of this process, and no other process."""
    if _machine() not in _CLONE:
        return []
    return [
        (_JUMP_IF_EQUAL, 0, 4, _CLONE[_machine()]),
        (_LOAD, 0, 0, _ARGUMENTS_AT),
        (_JUMP_IF_SET, 1, 0, _THREAD_FLAG),
        (_RETURN, 0, 0, _REFUSE | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]


def _only_reading_opens() -> list[_Step]:
    steps: list[_Step] = []
    for call, argument in _OPENS.get(_machine(), ()):
        steps += [
            (_JUMP_IF_EQUAL, 0, 4, call),
            (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * argument),
            (_JUMP_IF_SET, 0, 1, _ANY_WRITING),
            (_RETURN, 0, 0, _REFUSE | errno.EPERM),
            (_RETURN, 0, 0, _ALLOW),
        ]
    return steps


def _filter_calls(steps: list[_Step]) -> None:
    """Have the kernel judge every further system call of all threads. Raises OSError where it will not."""
    if not steps:
        return
    machine = _machine()
    whole = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_IF_EQUAL, 1, 0, _ARCHITECTURE_MARK[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_AT_LEAST, 0, 1, _X32_NUMBERS),
        (_RETURN, 0, 0, _KILL),
        *steps,
        (_RETURN, 0, 0, _ALLOW),
    ]
    instructions = (_Instruction * len(whole))(*(_Instruction(*step) for step in whole))
    program = _Program(len(whole), instructions)
    kernel = ctypes.CDLL(None, use_errno=True)
    if kernel.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) or kernel.syscall(
        ctypes.c_long(_SECCOMP[machine]), _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program)
    ):
        raise OSError(ctypes.get_errno(), "The kernel took no filter of system calls.")
