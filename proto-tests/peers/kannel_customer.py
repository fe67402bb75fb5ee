"""Kannel as a customer: starts its two boxes, submits through the sendsms interface, and takes the delivery
reports (DLR) at an HTTP listener of its own. Prints one line when all is well, or says what is not."""
import collections
import http.server
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

CONFIG, COUNT = sys.argv[1], int(sys.argv[2])
ADMIN, SENDSMS, REPORTS = 27770, 27772, 27773
DELIVERED, ACCEPTED_BY_SMSC = "1", "8"
WANTED = 1 | 2 | 8 | 16          # dlr-mask: delivered, failed, accepted and rejected by the SMSC
LIMIT = time.monotonic() + 50

reports = collections.Counter()  # (message, kind of report) → how often
news = threading.Condition()


class Reports(http.server.BaseHTTPRequestHandler):
    """Takes `/dlr?number=…&kind=…`."""

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        with news:
            reports[int(query["number"][0]), query["kind"][0]] += 1
            news.notify()
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def fetch(port, path, **query):
    url = f"http://127.0.0.1:{port}{path}?{urllib.parse.urlencode(query)}"
    with urllib.request.urlopen(url, timeout=5) as answer:
        return answer.read().decode()


def until(what, true):
    """Waits for another process, which offers nothing to wait on."""
    while time.monotonic() < LIMIT:
        try:
            if true():
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"not in time: {what}; {counts()}")


def counts():
    kinds = collections.Counter()
    for (_, kind), times in reports.items():
        kinds[kind] += times
    return f"{COUNT} submitted, {kinds[ACCEPTED_BY_SMSC]} accepted, {kinds[DELIVERED]} receipts"


def complete():
    return all(reports[number, kind] for number in range(COUNT) for kind in (DELIVERED, ACCEPTED_BY_SMSC))


def submit(number):
    text = f"message {number} " + ("a long one @ home " * 20 if number % 10 == 9 else "")
    report = f"http://127.0.0.1:{REPORTS}/dlr?number={number}&kind=%d"
    answer = fetch(SENDSMS, "/cgi-bin/sendsms", username="peer", password="peer", to=f"8616{number:07}", text=text,
                   **{"dlr-mask": WANTED, "dlr-url": report})
    if not answer.startswith(("0:", "3:")):
        sys.exit(f"sendsms answered {answer!r}")


def main():
    listener = http.server.ThreadingHTTPServer(("127.0.0.1", REPORTS), Reports)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    boxes = []
    try:
        boxes.append(subprocess.Popen(["bearerbox", CONFIG], **quiet))
        until("bearerbox online", lambda: "(online" in fetch(ADMIN, "/status.txt", password="peer"))
        boxes.append(subprocess.Popen(["smsbox", CONFIG], **quiet))
        until("smsbox connected", lambda: "smsbox:" in fetch(ADMIN, "/status.txt", password="peer"))
        for number in range(COUNT):
            submit(number)
        with news:
            news.wait_for(complete, timeout=max(0, LIMIT - time.monotonic()))
        time.sleep(0.5)  # a report too many would come now
        if not complete() or len(reports) > 2 * COUNT or max(reports.values()) > 1:
            sys.exit(f"{counts()}; all reports (message, kind): {dict(reports)}")
        print(counts())
    finally:
        for box in reversed(boxes):
            box.terminate()
            try:
                box.wait(10)
            except subprocess.TimeoutExpired:
                box.kill()


main()
