"""python smpplib as a customer: wrong binds refused, a transceiver bound, messages of three kinds submitted,
every receipt collected and matched, unbound. Prints one line when all is well, or says what is not."""
import argparse
import collections
import logging
import re
import select
import sys
import time

import smpplib.client
import smpplib.consts as smpp
import smpplib.exceptions
import smpplib.gsm

WINDOW = 10                    # the gateway's default towards a customer
TRY_AGAIN = {0x14, 0x58}       # queue full, throttled: a well-behaved client waits and sends again
RECEIPT = re.compile(rb"id:(\S+) .*stat:(\S+)", re.DOTALL)


def connect(port):
    client = smpplib.client.Client("127.0.0.1", port, timeout=5, allow_unknown_opt_params=True)
    client.connect()
    return client


def refusal(port, system_id, password):
    """The status with which a bind is refused."""
    client = connect(port)
    try:
        client.bind_transceiver(system_id=system_id, password=password)
        return 0
    except smpplib.exceptions.PDUError as error:
        return error.args[1]
    finally:
        client.state = smpp.SMPP_CLIENT_STATE_OPEN
        client.disconnect()


def texts(count):
    """(parts, data_coding, esm_class) for each message: mostly short, every 10th UCS-2, every 25th in UDH parts."""
    for number in range(count):
        if number % 25 == 24:
            text = f"message {number}: " + "a long one @ home " * 20
        elif number % 10 == 9:
            text = f"message {number}: Привет, 世界"
        else:
            text = f"message {number} @ home"
        yield smpplib.gsm.make_parts(text)


class Customer:
    """One bound session, what it sent and what it was told."""

    def __init__(self, args):
        self.client = connect(args.port)
        self.client.set_message_sent_handler(self.answered)
        self.client.set_message_received_handler(self.received)
        self.client.set_error_pdu_handler(lambda pdu: None)  # `answered` looks at the status
        bound = self.client.bind_transceiver(system_id=args.system_id, password=args.password)
        assert bound.command == "bind_transceiver_resp", bound.command
        self.deadline = time.monotonic() + args.limit
        self.in_flight = {}                      # sequence number → the arguments it was sent with
        self.accepted = []                       # ids of submit_sm_resp
        self.receipts = collections.Counter()    # id → how often
        self.faults = []
        self.submitted = self.retried = 0

    def submit(self, **message):
        while len(self.in_flight) >= WINDOW:
            self.read("a submit_sm_resp")
        sent = self.client.send_message(**message)
        self.in_flight[sent.sequence] = message
        self.submitted += 1

    def read(self, awaited):
        if time.monotonic() > self.deadline:
            sys.exit(f"no {awaited} in time: {self.summary()}")
        self.client.read_once()

    def answered(self, pdu):
        message = self.in_flight.pop(pdu.sequence)
        if pdu.status in TRY_AGAIN:
            time.sleep(0.05)
            self.retried += 1
            self.submitted -= 1
            self.submit(**message)
        elif pdu.status:
            self.faults.append(f"submit_sm answered with 0x{pdu.status:02x}")
        else:
            self.accepted.append(pdu.message_id)

    def received(self, pdu):
        found = RECEIPT.search(pdu.short_message)
        if pdu.esm_class & 0x3C != 0x04 or not found:
            self.faults.append(f"not a receipt: esm_class {pdu.esm_class}, {pdu.short_message!r}")
            return
        message_id, stat = found.groups()
        tlv = pdu.receipted_message_id
        if tlv is not None and tlv.rstrip(b"\0") != message_id:
            self.faults.append(f"receipt says id {message_id!r} in its text and {tlv!r} in its TLV")
        if stat != b"DELIVRD":
            self.faults.append(f"receipt {message_id!r} has stat {stat!r}")
        self.receipts[message_id] += 1

    def settle(self):
        """Reads what still comes for a moment: a receipt too many would come now."""
        until = time.monotonic() + 0.5
        while (left := until - time.monotonic()) > 0:
            if select.select([self.client._socket], [], [], left)[0]:
                self.client.read_once()

    def summary(self):
        again = f" ({self.retried} sent again)" if self.retried else ""
        return (f"{self.submitted} submitted{again}, {len(self.accepted)} accepted, "
                f"{sum(self.receipts.values())} receipts")

    def judge(self):
        ids = set(self.accepted)
        faults = self.faults[:3]
        if len(self.accepted) != self.submitted:
            faults.append("not every submit_sm was accepted")
        if missing := ids - self.receipts.keys():
            faults.append(f"no receipt for {len(missing)} ids")
        if foreign := self.receipts.keys() - ids:
            faults.append(f"receipts for ids nobody was told: {sorted(foreign)[:3]}")
        if twice := [key for key, count in self.receipts.items() if count > 1]:
            faults.append(f"{len(twice)} receipts came twice")
        return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("system_id")
    parser.add_argument("password")
    parser.add_argument("count", type=int)
    parser.add_argument("--prefix", default="8613", help="of the recipients, to choose a route")
    parser.add_argument("--limit", type=float, default=40, help="seconds")
    parser.add_argument("--sent", help="a file for what was sent, to compare with what the carrier got")
    args = parser.parse_args()
    logging.disable()  # what is wrong is said below, once

    wrong = (refusal(args.port, args.system_id, "wrong"), refusal(args.port, "nobody", args.password))
    if wrong != (smpp.SMPP_ESME_RINVPASWD, smpp.SMPP_ESME_RINVSYSID):
        sys.exit("a wrong password and a wrong system_id got 0x%02x and 0x%02x" % wrong)

    customer = Customer(args)
    sent = []
    for number, (parts, data_coding, esm_class) in enumerate(texts(args.count)):
        recipient = f"{args.prefix}{number:07}"
        for part in parts:
            sent.append(f"{recipient} {data_coding} {esm_class} {part.hex()}\n")
            customer.submit(
                source_addr_ton=smpp.SMPP_TON_ALNUM, source_addr_npi=smpp.SMPP_NPI_UNK, source_addr="peers",
                dest_addr_ton=smpp.SMPP_TON_INTL, dest_addr_npi=smpp.SMPP_NPI_ISDN, destination_addr=recipient,
                short_message=part, data_coding=data_coding, esm_class=esm_class, registered_delivery=1)
    if args.sent:
        with open(args.sent, "w", encoding="ascii") as file:
            file.writelines(sorted(sent))
    while customer.in_flight:
        customer.read("submit_sm_resp")
    while customer.receipts.keys() < set(customer.accepted):
        customer.read("receipt")
    customer.settle()
    answer = customer.client.unbind()
    customer.client.disconnect()
    faults = customer.judge()
    if answer.command != "unbind_resp":
        faults.append(f"unbind answered with {answer.command}")
    if faults:
        sys.exit(f"{customer.summary()}; " + "; ".join(faults))
    print(customer.summary())


main()
