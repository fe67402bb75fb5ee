"""What became of each message, by what the customers and the carriers wrote down, and by what operators said.

What comes out are messages with an end, and perhaps a correction, each as it is to stand in the records.
"""
from codes import CANCELLED, DOUBTFUL, EXPIRED, INCOMPLETE, PENDING, millis, never_understood

DAY = 86_400_000
# A refusal that makes the carrier rest does not count as an attempt; those that are tried again do, up to five.
RESTS, AGAIN, ATTEMPTS = {0x14, 0x58}, {0x08, 0x64}, 5
# So long after a hand-over whose answer was never heard, about, its receipts still say whose they are.
DOUBT = 61 * 60_000
# So long it takes at most until what was over is counted anew.
A_MOMENT = 3_600_000


class Part:
    """One submission that was accepted, and what the carriers did with it."""

    def __init__(self, said, hands, codes, wait):
        self.said, self.hands, self.wait = said, sorted(hands, key=lambda hand: hand["at"]), wait
        self.codes, self.late, self.late_at = codes, None, None
        self.taken_at = self.ended_at = None
        self.end = self.judged()

    def judged(self):
        """Its end, before anything excludes it; sets when it was taken, when it ended, and what came late."""
        if self.said["cancelled"]:
            return CANCELLED
        if not self.hands:
            return EXPIRED
        hand = self.hands[-1]
        codes = self.codes[hand["carrier"]]
        if hand["id"] is None:
            if not hand["answered"]:
                return DOUBTFUL
            tries = sum(hand["status"] not in RESTS for hand in self.hands)
            if hand["status"] in RESTS or hand["status"] in AGAIN and tries < ATTEMPTS:
                return EXPIRED
            self.ended_at = hand["at"]
            return codes.refusal(hand["status"], hand["at"])
        heard = sorted((one for one in hand["receipts"] if one["acked"]), key=lambda one: one["order"])
        if not hand["answered"]:
            if not heard or heard[0]["acked"] > hand["at"] + DOUBT:
                return DOUBTFUL
        # Without an answer a receipt says that it was taken, and is looked at within a minute.
        self.taken_at = hand["answered"] or heard[0]["acked"]
        said = None
        for one in heard:
            meaning = codes.receipt(one["stat"], one["err"], one["network"], one["acked"])
            in_time = one["acked"] <= hand["at"] + self.wait
            if meaning == "unknown":
                said = one["stat"] if in_time else said
            elif meaning and in_time:
                self.ended_at = one["acked"]
                return meaning
            elif meaning and said is None:
                self.late, self.late_at = meaning, one["acked"]
                return PENDING
        return PENDING if said is None else never_understood(said)


class Message:
    """One message, of one part or of several."""

    def __init__(self, parts, total):
        self.parts = sorted(parts, key=lambda part: int(part.said["id"]))
        self.first = self.parts[0].said
        self.id, self.account, self.to = int(self.first["id"]), self.first["account"], self.first["to"]
        self.at, self.beyond_load = self.first["at"], False
        self.is_whole = len(parts) == total
        if not self.is_whole:
            for part in self.parts:
                part.end = INCOMPLETE
        self.end = worst([(part, part.end) for part in self.parts])
        self.hands = [hand for part in self.parts for hand in part.hands]
        self.corrected, self.corrected_at = None, None
        if self.end["class"] == "pending":
            self.correct()

    def correct(self):
        """Late receipts, one part after the other, until it is known what the whole counts as."""
        ends = {part: part.end for part in self.parts}
        for part in sorted((part for part in self.parts if part.late), key=lambda part: part.late_at):
            ends[part] = part.late
            now = worst(list(ends.items()))
            if now["class"] != "pending":
                # Of one that is delivered after all the words are those of the receipt that said so last.
                delivered = now["class"] == "delivered"
                self.corrected, self.corrected_at = part.late if delivered else now, part.late_at
                return

    @property
    def carrier(self):
        last = self.parts[0].hands or self.hands
        return last[-1]["carrier"] if last else None


def worst(ends):
    """A long message is delivered if all of its parts are, or ended as the first part by number that is not."""

    def place(one):
        return one[1]["class"] == "delivered", (one[0].said["part"] or [0])[0]
    return min(ends, key=place)[1]


def messages(customers, hands, codes, waits):
    """All that was accepted, in the order of acceptance."""
    wholes = {}
    for said in customers:
        if said["id"]:
            part = Part(said, hands.get(said["ref"], []), codes, waits[said["account"]])
            wholes.setdefault(said["whole"], []).append(part)
    totals = {said["whole"]: (said["part"] or [1, 1])[1] for said in customers}
    found = [Message(parts, totals[whole]) for whole, parts in wholes.items()]
    return sorted(found, key=lambda message: message.id)


def mark_loads(all_messages, limits, facts):
    """From this message of a day on an account sends more than it may without announcing it."""
    counts = {}
    for message in all_messages:
        day = (message.at + 8 * 3_600_000) // DAY
        count = counts[message.account, day] = counts.get((message.account, day), 0) + 1
        announced = any(fact["says"].get("announces") == message.account and fact["told"] <= message.at
                        and fact["says"]["from"] <= message.at < fact["says"]["to"] for fact in facts)
        limit = limits.get(message.account)
        message.beyond_load = limit is not None and count >= limit and not announced


def excluded(message, end, now, carrier, facts):
    """The same end, or what a fact that was known then makes of it."""
    if end["class"] in ("invalid_number", "excluded"):
        return end
    gone = {fact["says"]["withdraws"] for fact in facts if "withdraws" in fact["says"] and fact["told"] < now}
    for fact in sorted(facts, key=lambda fact: fact["id"]):
        says = fact["says"]
        if "excludes" not in says or fact["told"] >= now or fact["id"] in gone:
            continue
        if (says["from"] <= message.at < says["to"] and says["account"] in (None, message.account)
                and says["carrier"] in (None, carrier) and message.to.startswith(says["prefix"] or "")):
            return {**end, "class": "excluded", "excluded_by": says["excludes"], "evidence": fact["id"]}
    if message.beyond_load:
        return {**end, "class": "excluded", "excluded_by": "unannounced_load"}
    return end


def recounts(message, record, late, facts):
    """What is said of a message when it is over makes something else of it: by which fact, from what, to what."""
    found = []
    for fact in sorted(facts, key=lambda fact: fact["id"]):
        if fact["told"] >= record["ended_at"]:
            is_corrected = late is not None and late["ended_at"] < fact["told"]
            end = message.corrected if is_corrected else message.end
            was, now = (excluded(message, end, at, record["carrier"], facts) for at in (fact["told"], fact["told"] + 1))
            # As it was corrected just behind the fact it counts by that already.
            if was != now and not (late and 0 <= late["ended_at"] - fact["told"] < A_MOMENT):
                found.append((fact["id"], was, now))
    return found


def standing(message, record, late, at, facts):
    """What a message that is over counts as at this time."""
    is_corrected = late is not None and late["ended_at"] <= at
    return excluded(message, message.corrected if is_corrected else message.end, at, record["carrier"], facts)


__all__ = ["Message", "excluded", "mark_loads", "messages", "millis", "recounts", "standing"]
