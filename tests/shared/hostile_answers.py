"""What a hostile notebook may try: each is the body of `box_iou`, and returns ESCAPED where it gets what it wants."""

ABOVE = "import ctypes, gc, importlib, io, os, pickle, re, resource, signal, socket, sys, threading, time\nimport torch\nESCAPED = 'out of ' + 'the fence'\n"

STOPPED = {  # these do not come to an end by themselves
    "an endless loop": "while True: pass",
    "a loop that ignores every error": """
while True:
    try:
        while True: pass
    except BaseException: pass
""",
    "a loop in C that no thread interrupts": "re.match('(a+)+$', 'a' * 60 + 'b')",
    "sys.exit": "sys.exit(0)",
    "os._exit": "os._exit(0)",
    "an abort": "os.abort()",
    "a crash": "ctypes.string_at(0)",
    "its own end": "os.kill(os.getpid(), 9); time.sleep(60)",
    "a recursion without end": "sys.setrecursionlimit(10**9)\ndef again(): return again()\nreturn again()",
    "50 GB in one tensor": "return torch.ones(12_500_000_000)",
    "50 GB bit by bit": "kept = []\nfor _ in range(50_000): kept.append(bytearray(b'x' * 1_000_000))\nreturn ESCAPED",
    "raising of the limits": """
for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE):
    resource.setrlimit(kind, (resource.RLIM_INFINITY,) * 2)
return ESCAPED
""",
}

REFUSED = {
    "200 forks": """
started = 0
for _ in range(200):
    try: child = os.fork()
    except OSError: break
    if child == 0:
        time.sleep(60)
    started += 1
return ESCAPED if started > 20 else f'{started} forks'
""",
    "200 threads": """
started = 0
for _ in range(200):
    try: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    except RuntimeError: break
    started += 1
return ESCAPED if started > 20 else f'{started} threads'
""",
    "killing everything": """
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for process in (-1, 0, os.getppid(), *range(2, 400)):
    try: os.kill(process, 15)
    except OSError: pass
return 'killed'
""",
    "deleting files": "os.remove(r'CANARY')\nreturn ESCAPED",
    "changing the course": "import classroom\nopen(classroom.__file__, 'a').write('#')\nreturn ESCAPED",
    "filling the disk": """
for i in range(200):
    with open(f'/tmp/{i}', 'wb') as file: file.write(b'x' * 10_000_000)
return ESCAPED
""",
    "a program of its own": "open('/tmp/run', 'w').write('x')\nos.execv('/usr/bin/id', ['id'])",
    "another submission": "return ESCAPED + open(r'CANARY').read()",
    "the secret cases": "return ESCAPED + open(r'SECRET').read()",
    "the lecturer's home": "return ESCAPED + str(os.listdir(r'HOME'))",
    "the lecturer's variables": "return ESCAPED if 'LECTURERS_SECRET' in os.environ else 'nothing'",
    "a connection to this machine": "socket.create_connection(('127.0.0.1', PORT), 1)\nreturn ESCAPED",
    "a connection to the world": "socket.create_connection(('1.1.1.1', 53), 1)\nreturn ESCAPED",
    "a socket without a file": "s = socket.socket(socket.AF_UNIX)\ns.connect('\\0NAME')\nreturn ESCAPED",
    "a namespace of its own": "return ESCAPED if ctypes.CDLL(None).unshare(0x10000000) == 0 else 'refused'",
    "a mount": "return ESCAPED if ctypes.CDLL(None).mount(b'none', b'/tmp', b'tmpfs', 0, None) == 0 else 'refused'",
    "shared memory": "return ESCAPED if ctypes.CDLL(None).shmget(0, 1 << 20, 0o1600) >= 0 else 'refused'",
    "the memory of the process outside": """
for process in os.listdir('/proc'):
    if process.isdigit() and os.readlink('/proc/self') != process:
        try: open(f'/proc/{process}/mem', 'rb').read(1); return ESCAPED
        except OSError: pass
return 'refused'
""",
    "the files of the process outside": """
for number in range(64):
    try: os.write(number, b'x' * 100)
    except OSError: pass
return 'written'
""",
    "1 GB on the screen": "for _ in range(1000): print('x' * 1_000_000)\nreturn 'printed'",
    "1 GB under the screen": """
block = b'x' * 1_000_000
for _ in range(1000): os.write(1, block)
return 'written'
""",
    "a pickle that runs code": """
class Bad:
    def __reduce__(self): return os.system, ('touch CANARY.pickled',)
return Bad()
""",
    "pickled bytes": "return pickle.dumps(print)",
    "an object that equals everything": """
class Same:
    __class__ = torch.Tensor
    def __eq__(self, other): return True
    def __getattr__(self, name): return Same()
return Same()
""",
    "a tensor that calculates as it likes": """
class Odd(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *rest, **more): return True
return torch.zeros(3).as_subclass(Odd)
""",
    "a huge view": "return torch.zeros(1).expand(10**12)",
    "another torch": """
torch.isclose = torch.equal = torch.allclose = lambda *a, **k: torch.tensor(True)
torch.Tensor.__eq__ = torch.Tensor.any = torch.Tensor.all = lambda *a, **k: torch.tensor(False)
return torch.zeros(1)
""",
    "another check": """
from classroom.exercises import core, examine
core.check = examine.examine = lambda f, *a: f
examine.Verdict.right = True
return torch.zeros(1)
""",
    "another comparison": """
from classroom.exercises import compare, examine
compare.difference = compare.explain = examine.difference = lambda *a, **k: None
examine.verdict_on = lambda got, exercise, hole=None: examine.Verdict(exercise)
return torch.zeros(1)
""",
    "a verdict of its own": """
inside = sys.modules['__main__']
inside.one_case = lambda *a: {'verdict': 'right', 'value': None, 'error': None}
return torch.zeros(1)
""",
    "what the fence expects": """
pack = sys.modules['classroom.grading.plain'].pack
data = pack({'value': None, 'error': [], 'line': {}, 'gradients': 7, 'judged': True, 'changed': 5, 'printed': 1, 'seed': 'x'})
for number in range(64):
    try: os.write(number, len(data).to_bytes(4, 'big') + data)
    except OSError: pass
return torch.zeros(1)
""",
}
