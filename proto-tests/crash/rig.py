"""What the programs that break the gateway share: a simulated carrier, a gateway, a load generator, and the checker.

Everything is on the loopback interface and in a throw-away folder; leaving the rig ends every process that it started.
The binary is $TELEGRAPHY_BIN, or the release build, which is built when nobody names one.
"""
import contextlib
import decimal
import gzip
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent

# Paid before, and charged when the carrier takes a message: what is held must outlive every kill.
PAYING = 'tariff = "crash"\ncharge_on = "carrier_ok"'

# Seconds that anything may take before it counts as hanging.
PATIENCE = 120

BIND_TRANSCEIVER, SUBMIT_SM, ENQUIRE_LINK, UNBIND = 0x09, 0x04, 0x15, 0x06


class Broken(Exception):
    """A check that does not hold, as a sentence."""


def binary():
    named = os.environ.get("TELEGRAPHY_BIN")
    if named:
        return str(pathlib.Path(named).resolve())
    subprocess.run(["cargo", "build", "--release", "--locked"], cwd=TOP, check=True)
    return str(TOP / "target" / "release" / "telegraphy")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check(holds, says, found=""):
    print(f"{'ok  ' if holds else 'FAIL'} {says}{f': {found}' if found != '' else ''}", flush=True)
    if not holds:
        raise Broken(says)


def until(true, seconds, says):
    """Waits until `true()` is true; what it said then. Fails with `says` when that takes longer than `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            answer = true()
            if answer:
                return answer
        time.sleep(0.05)
    raise Broken(says)


def verdict(body):
    """Runs a program, says how it ended, and ends with that status."""
    def told(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, told)
    try:
        body()
    except Broken as broken:
        sys.exit(f"FAIL not true: {broken}")
    except KeyboardInterrupt:
        sys.exit("FAIL interrupted")
    print("ok   all checks hold", flush=True)


class Rig:
    """One run in one folder."""

    def __init__(self, log=None, segment="16MiB", carrier="", doubt='{ settle_after = "5s" }', paying=False):
        self.telegraphy = binary()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="telegraphy-crash-"))
        self.log = pathlib.Path(log) if log else self.folder / "log"
        self.ports = {name: free_port() for name in ("CUSTOMERS", "CONTROL", "CARRIER")}
        self.environment = dict(os.environ, CRASH_PASSWORD="crash")
        words = {**self.ports, "FOLDER": self.folder, "LOG": self.log, "SEGMENT": segment,
                 "MORE": carrier, "DOUBT": doubt, "PAYING": PAYING if paying else ""}
        text = (HERE / "gateway.toml").read_text()
        for name, word in words.items():
            text = text.replace(f"@{name}@", str(word))
        (self.folder / "gateway.toml").write_text(text)
        (self.folder / "tariffs").mkdir()
        shutil.copy(HERE / "tariff.toml", self.folder / "tariffs")
        self.processes = []
        self.gateway = self.smsc = self.load = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        if error is not None and (self.folder / "gateway.log").exists():
            said = (self.folder / "gateway.log").read_text(errors="replace").splitlines()
            print("the gateway's last words:\n  " + "\n  ".join(said[-10:]), flush=True)
        shutil.rmtree(self.folder)

    def spawn(self, command, environment=None, **kinds):
        process = subprocess.Popen(command, env={**self.environment, **(environment or {})}, **kinds)
        self.processes.append(process)
        return process

    # === the gateway ===

    def start(self, environment=None, prefix=()):
        """Starts the gateway; whether it became healthy, or ended by itself."""
        command = [*prefix, self.telegraphy, "serve", "--config", str(self.folder / "gateway.toml")]
        with open(self.folder / "gateway.log", "a") as log:
            self.gateway = self.spawn(command, environment, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.gateway.poll() is not None:
                return False
            with contextlib.suppress(OSError):
                self.get("/health")
                return True
            time.sleep(0.01)
        raise Broken("the gateway neither becomes healthy nor ends")

    def kill(self):
        self.gateway.send_signal(signal.SIGKILL)
        self.gateway.wait()

    def stop(self):
        self.gateway.terminate()
        status = self.gateway.wait(timeout=PATIENCE)
        if status != 0:
            raise Broken(f"the gateway's drain ended with status {status}")

    def get(self, page):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['CONTROL']}{page}", timeout=10) as answer:
            return answer.read().decode()

    def status(self):
        return json.loads(self.get("/status"))

    def top_up(self, amount="1000000"):
        """Gives the account of the load money, while the gateway runs."""
        told = [self.telegraphy, "fact", "top-up", "--account", "acme", "--amount", amount, "--why", "the kills",
                "--config", str(self.folder / "gateway.toml")]
        asked = subprocess.run(told, capture_output=True, text=True, check=False, env=self.environment)
        if asked.returncode != 0:
            raise Broken(f"the account can be topped up: {asked.stderr.strip()}")

    def wallet(self):
        return json.loads(self.get("/wallet/acme"))

    def in_doubt(self):
        return sum(account["in_doubt"] for account in self.status()["accounts"])

    def settle(self):
        """The gateway's counts, once nothing is open.

        What was answered with an error and is in the log all the same is owed a receipt, for which a load that has
        ended did not wait: a customer comes back for it.
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status = self.status()
            waiting = sum(account["receipts_waiting"] for account in status["accounts"])
            if status["open"] == 0 and waiting == 0:
                return status
            if status["open"] == 0 and self.load is not None and self.load.poll() is not None:
                self.collect()
            time.sleep(0.2)
        raise Broken("the gateway's counts do not come to rest")

    def collect(self):
        """Takes the receipts that wait for the load's account, as far as they come within a second."""
        customer = Customer(self, "acme")
        end = time.monotonic() + 1
        while time.monotonic() < end:
            customer.enquire()
            time.sleep(0.05)
        customer.close()

    # === the lab ===

    def start_smsc(self, *options):
        self.smsc = self.spawn(
            [self.telegraphy, "smsc", "--listen", f"127.0.0.1:{self.ports['CARRIER']}", "--system-id", "gateway",
             "--password-env", "CRASH_PASSWORD", "--json", "--journal", str(self.folder / "journal"),
             "--originated-journal", str(self.folder / "originated"), "--log-level", "error", *options],
            stdout=subprocess.PIPE)

    def start_load(self, *options):
        self.load = self.spawn(
            [self.telegraphy, "load", "--target", f"127.0.0.1:{self.ports['CUSTOMERS']}", "--system-id", "acme",
             "--password-env", "CRASH_PASSWORD", "--receipts", "--retry-throttled", "--reconnect",
             "--allow-duplicates", "--ledger", str(self.folder / "ledger"), "--json", "--log-level", "error",
             *options], stdout=subprocess.PIPE)

    def end_load(self, stop=True):
        """Lets the load end, now if it is to stop: no more is sent, and receipts are awaited."""
        if stop and self.load.poll() is None:
            self.load.send_signal(signal.SIGINT)
        return json.loads(self.load.communicate(timeout=PATIENCE * 5)[0])

    def end_smsc(self):
        self.smsc.terminate()
        said = self.smsc.communicate(timeout=PATIENCE)[0]
        (self.folder / "smsc").write_bytes(said)
        return json.loads(said)

    def records(self):
        """Every record of a message, as a dictionary by column; call it behind the drain."""
        for packed in sorted((self.folder / "records").glob("records-*.tsv.gz")):
            # The day before, closed and compressed.
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        for file in sorted((self.folder / "records").glob("records-*.tsv")):
            columns, *lines = file.read_text().splitlines()
            names = columns.split("\t")
            yield from (dict(zip(names, line.split("\t"))) for line in lines)

    def account_for(self, wallet):
        """Promise 5: what the wallet says is what the records add up to, and each message was paid for at most once."""
        micros = lambda text: int(decimal.Decimal(text) * 1_000_000)
        spent = charged = billed = 0
        for record in self.records():
            if record["account"] != "acme" or record["verdict"] == "late_receipt":
                continue
            segments, paid = int(record["segments"]), int(record["segments_charged"])
            cash, price = int(record["cash_micros"]), int(record["segment_price_micros"])
            # A receipt proves that the carrier took it; a refusal, or a doubt that nothing ended, that nobody knows.
            taken = record["verdict"] in ("receipt", "receipt_never_came")
            if paid != (segments if taken else 0) or cash != paid * price or segments < 1:
                raise Broken(f"a message is paid for once, and only when it was taken: {record}")
            spent, charged, billed = spent + cash, charged + paid, billed + segments
        totals = wallet["totals"]
        check(micros(wallet["held"]) == 0, "nothing is held for messages that are over", wallet["held"])
        check(micros(totals["cash"]) == spent, "what was spent is what the records say", f"{totals['cash']} for "
              f"{charged} of {billed} segments")
        check(micros(totals["money_in"]) == spent + micros(wallet["to_spend"]), "money in is money out and balance",
              f"{totals['money_in']} = {totals['cash']} + {wallet['to_spend']}")

    def reconcile(self, status, in_doubt=0, again=True, unsure=False, quiet=False):
        """Asks the checker; when it does not hold, so does nothing else."""
        (self.folder / "status").write_text(json.dumps(status))
        told = [self.telegraphy, "reconcile", "--in-doubt", str(in_doubt)]
        told += ["--open", "0"]
        told += ["--receipts-again"] if again else []
        told += ["--errors-unsure"] if unsure else []
        for name in ("ledger", "probes", "journal", "originated", "smsc", "status"):
            if (self.folder / name).exists():
                told += ["--ledger" if name == "probes" else f"--{name}", str(self.folder / name)]
        for packed in (self.folder / "records").glob("records-*.tsv.gz"):
            # The day before, closed and compressed.
            packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
        for details in sorted((self.folder / "records").glob("records-*.tsv")):
            told += ["--details", str(details)]
        asked = subprocess.run(told, capture_output=True, text=True, check=False)
        if not quiet or asked.returncode != 0:
            print(asked.stdout + asked.stderr, end="", flush=True)
        if asked.returncode != 0:
            raise Broken("what customer, gateway and carrier say adds up")


class Customer:
    """An SMPP client that does one thing at a time, asks for no receipts, and writes down what was accepted."""

    # Beyond the numbers of any load.
    number = 9_000_000_000

    def __init__(self, rig, system_id="probe"):
        self.ledger = rig.folder / "probes"
        self.socket = socket.create_connection(("127.0.0.1", rig.ports["CUSTOMERS"]), timeout=10)
        self.sequence, self.said = 0, b""
        body = system_id.encode() + b"\0crash\0\0" + bytes([0x34, 0, 0, 0])
        if self.ask(BIND_TRANSCEIVER, body) != 0:
            raise Broken("a customer can bind")

    def ask(self, command, body=b""):
        """Sends a request; the status of its response. What comes in between is answered with success."""
        self.sequence += 1
        self.socket.sendall(struct.pack(">IIII", 16 + len(body), command, 0, self.sequence) + body)
        while True:
            length, got, status, sequence = struct.unpack(">IIII", self.read(16))
            self.said = self.read(length - 16)
            if got & 0x80000000 and sequence == self.sequence:
                return status
            if not got & 0x80000000:
                self.socket.sendall(struct.pack(">IIII", 17, got | 0x80000000, 0, sequence) + b"\0")

    def submit(self):
        """Submits a message; the status that it is answered with."""
        Customer.number += 1
        text = b"tg-000probe-%010d " % Customer.number + b"x" * 120
        body = b"\0\x05\0lab\0\x01\x01447700900123\0" + bytes([0, 0, 0]) + b"\0\0" + bytes([0, 0, 0, 0, len(text)])
        status = self.ask(SUBMIT_SM, body + text)
        with open(self.ledger, "a") as ledger:
            if status == 0:
                ledger.write(f"accepted\t{Customer.number}\t{self.said[:-1].decode()}\tsilent\n")
            else:
                ledger.write(f"refused\t{Customer.number}\t-\t{status:#x}\n")
        return status

    def enquire(self):
        return self.ask(ENQUIRE_LINK)

    def read(self, count):
        octets = b""
        while len(octets) < count:
            more = self.socket.recv(count - len(octets))
            if not more:
                raise Broken("the gateway keeps a connection")
            octets += more
        return octets

    def close(self):
        with contextlib.suppress(OSError, Broken):
            self.ask(UNBIND)
        self.socket.close()
