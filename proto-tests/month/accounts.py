"""An account's month and a carrier's: counts, rates, tiers and money, held against reports and ledger."""
import collections

import lives
from codes import PENDING
from terms import month_of, rates, segments

DAY = 86_400_000
CLASSES = ("delivered", "explicit_failure", "invalid_number", "excluded", "pending")
NOVEMBER = 202111
ENDLESS = 1 << 62
FUNDS = ("voucher_micros", "cash_micros", "credit_micros")


def day_of(at):
    return (at + 8 * 3_600_000) // DAY


class Counted:
    """A period as it was when it closed, and what came since."""

    def __init__(self, seen, account, records, closed_at):
        self.ends, self.by_carrier, self.by_day = [], collections.defaultdict(list), collections.defaultdict(list)
        self.by_prefix, self.open, self.since = collections.defaultdict(list), 0, collections.Counter()
        ends, late = records
        for message in seen.messages:
            if message.account != account or month_of(message.at) != NOVEMBER or message.id not in ends:
                continue
            record, corrected = ends[message.id], late.get(message.id)
            counts = seen.policies[account].counts(message.to, seen.home)
            place = (day_of(message.at), record["carrier"], seen.zone(message.to))
            if record["ended_at"] > closed_at:
                self.open += 1
                end = PENDING
            else:
                end = lives.standing(message, record, corrected, closed_at, seen.facts)
            self.move(place, end, lives.standing(message, record, corrected, ENDLESS, seen.facts), counts)
            if counts:
                self.ends.append(end)
                self.by_carrier[record["carrier"]].append(end)
                self.by_day[day_of(message.at)].append(end)
                self.by_prefix[seen.zone(message.to)].append(end)

    def move(self, place, before, after, counts):
        if counts:
            self.since[place, before["class"], before["fault"]] -= 1
            self.since[place, after["class"], after["fault"]] += 1

    def adjusted(self):
        """By class, how many more and how many fewer than at the close."""
        more, less = collections.Counter(), collections.Counter()
        for (_, kind, _), number in self.since.items():
            (more if number > 0 else less)[kind] += abs(number)
        return {kind: [more[kind], less[kind]] for kind in CLASSES if more[kind] or less[kind]}


def by_class(ends):
    counts = collections.Counter(end["class"] for end in ends)
    return {kind: counts[kind] for kind in CLASSES}


def success(ends):
    return {name: {"failures": failures, "valid": valid,
                   "basis_points": (valid - failures) * 10_000 // valid if valid else None}
            for name, (failures, valid) in rates(ends).items()}


def check_account(found, seen, whose, records, report):
    """Holds a report against the calculation; the account's row for the table."""
    account, fee = whose
    policy = seen.policies[account]
    counted = Counted(seen, account, records, report["closed_at"])
    ends = counted.ends

    def hold(member, ours, cause):
        found.hold(f"report of {account}, {member}", report[member], ours, cause)

    wait = report["closed_at"] - policy.closes_at
    found.hold(f"report of {account}, closed", 0 <= wait < 600_000, True, f"{wait} ms after it was due")
    hold("closes_at", policy.closes_at, "72 h after the end of the month in UTC+8")
    hold("ended", len(ends), "messages of the month that count")
    hold("by_class", by_class(ends), "the carriers' logs")
    hold("reported", sum(end["reported"] for end in ends), "the carriers' logs")
    hold("unmapped", sum(end["unmapped"] for end in ends), "config/codes")
    excluded = collections.Counter(end["excluded_by"] for end in ends if end["class"] == "excluded")
    hold("excluded", dict(excluded), "codes, and what operators said")
    hold("success", success(ends), "counts by class and fault")
    hold("open_at_close", counted.open, "the carriers' logs")
    hold("adjusted", counted.adjusted(), "what carriers said after the close")
    hold("claims", policy.claims(), "the calendar of working days")
    hold("judged_by", policy.metric["numerator"], "the policy")
    rate = rates(ends)[policy.metric["numerator"]]
    missed, tier = policy.judge(rate)
    hold("target_missed", missed, f"{rate[0]} of {rate[1]}")
    hold("compensation_due", tier is not None, f"{rate[0]} of {rate[1]}")
    hold("below", tier and tier["below"], f"{rate[0]} of {rate[1]}")
    groups = {"by_carrier": counted.by_carrier, "by_day": counted.by_day, "by_prefix": counted.by_prefix}
    for group, ours in groups.items():
        theirs = {line["name"]: line["by_class"] for line in report[group] if line["ended"]}
        if group == "by_day":
            first = day_of(policy.closes_at) - 33
            ours = {f"2021-11-{day - first + 1:02}": ends for day, ends in ours.items()}
        found.hold(f"report of {account}, {group}", theirs, {name: by_class(ends) for name, ends in ours.items()},
                   "the records and the carriers' logs")
    evidence = collections.Counter(end["evidence"] for end in ends if end["evidence"])
    theirs = {line["fact"]: line["messages"] for line in report["evidence"] if line["messages"]}
    found.hold(f"report of {account}, evidence", theirs, dict(evidence), "what operators said")
    owed = check_fee(found, seen, whose, (policy, tier), report)
    counts = by_class(ends)
    return (account, policy.file["name"], len(ends), counts["delivered"], counts["explicit_failure"],
            counts["invalid_number"], counts["excluded"], counts["pending"], f"1-{rate[0]}/{rate[1]}", missed,
            tier["below"] if tier else "-", yuan(fee and fee["cash"] + fee["package"] + fee["voucher"]), owed)


def check_fee(found, seen, whose, judged, report):
    """What was consumed until the close, and what is owed of it."""
    (account, fee), (policy, tier) = whose, judged
    if fee is None:
        found.hold(f"report of {account}, fees", report["fees"], [], "its messages are free")
        found.hold(f"report of {account}, compensation", report["compensation"], None, "its messages are free")
        return "-"
    ours = {"fee": "messages", **{f"{name}_micros": amount for name, amount in fee.items()}}
    found.hold(f"report of {account}, fees", report["fees"][0], ours, "what was charged, less the rebate")
    prices = {steps[0][1] for prefix in seen.home for _, _, steps in [seen.tariff(account).at(prefix, 1635696000000)]}
    [rate_card] = prices
    found.hold(f"report of {account}, rate card", report["rate_card_micros"], rate_card, "the tariff")
    theirs = report["compensation"]
    if not tier:
        found.hold(f"report of {account}, compensation", theirs, None, "no tier was reached")
        return "-"
    base, amount, total, messages, rest = policy.owed(tier, fee, rate_card)
    ours = {"of": [{"fee": "messages", "base_micros": base, "amount_micros": amount}], "total_micros": total,
            "capped": total < amount, "messages": messages, "remainder_micros": rest}
    found.hold(f"report of {account}, compensation", theirs, ours, "tier, base, cap and form of the policy")
    return yuan(total) if messages is None else f"{messages} msg."


def yuan(micros):
    return "-" if micros is None else f"{micros / 1_000_000:.6f}"


# ── Money ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def charged_parts(seen, message):
    """Each part with its segments, and when it was charged; none for never."""
    account, so_far, before = seen.accounts[message.account], 0, 0
    for part in message.parts:
        so_far += part.said["characters"]
        whole = segments(account["segments"], so_far, part.said["ucs2"])
        if account["charge_on"] == "delivery":
            at = part.ended_at if part.end["class"] == "delivered" else None
        else:
            at = part.taken_at
        yield part, whole - before, at
        before = whole


def settled_at(seen, account):
    [wallet] = [wallet for wallet in seen.wallets if wallet["account"] == account]
    return {month["month"]: month["at"] for month in wallet["settled"]}, wallet


def check_money(found, seen, ends):
    """Charges and funds of every message, then months by version and prefix; the fee of November by account."""
    fees = {}
    for account in seen.accounts:
        tariff = seen.tariff(account)
        if tariff is None:
            continue
        settled, wallet = settled_at(seen, account)
        charged, for_money = collections.Counter(), collections.defaultdict(collections.Counter)
        paid = collections.defaultdict(collections.Counter)
        for message in seen.messages:
            record = ends.get(message.id)
            if message.account != account or record is None:
                continue
            what = f"record of {account}'s message {message.id}"
            number, prefix, steps = tariff.at(message.to, message.at)
            parts = list(charged_parts(seen, message))
            taken = [(count, at) for _, count, at in parts if at is not None]
            all_charged, month = sum(count for count, _ in taken), month_of(message.at)
            moved = [month if at <= settled.get(month, at) else month_of(at) for _, at in taken]
            for column, ours in (("segments", sum(count for _, count, _ in parts)), ("segments_charged", all_charged),
                                 ("tariff_version", number), ("segment_price_micros", steps[0][1])):
                found.hold(f"{what}, {column}", int(record[column]), ours, f"{account}'s tariff and rule")
            from_packages = int(record["package_segments"])
            found.hold(f"{what}, money", sum(int(record[fund]) for fund in FUNDS),
                       steps[0][1] * (all_charged - from_packages), "segments times the first tier's price")
            by_month = collections.Counter()
            for (count, _), month in zip(taken, moved, strict=True):
                by_month[month] += count
            for month, count in by_month.items():
                charged[month, number, prefix] += count
                # A record has the money of all parts; where they were charged in two months, each has its share.
                for fund in FUNDS:
                    paid[month][fund] += int(record[fund]) * count // max(1, all_charged)
                packaged = from_packages * count // max(1, all_charged)
                for_money[month][number, prefix] += count - packaged
                paid[month]["segments"] += packaged
        check_usage(found, seen, account, charged)
        for month in (202110, NOVEMBER):
            rebate = check_month(found, (account, month), (tariff, for_money[month], paid[month]), wallet)
            if month == NOVEMBER:
                fees[account] = fee(seen, account, paid, rebate)
    return fees


def check_usage(found, seen, account, charged):
    """The ledger's cells against the charges, by month, version and prefix."""
    theirs, prefixes = collections.Counter(), seen.tariff(account).prefixes()
    for cell in seen.usage:
        if cell["account"] == account and cell["charged"][1]:
            prefix = max((one for one in prefixes if cell["prefix"].startswith(one)), key=len)
            theirs[month_of(cell["day"] * DAY), cell["version"], prefix] += cell["charged"][1]
    for key in sorted(theirs.keys() | charged.keys()):
        found.hold(f"ledger of {account}, segments of {key}", theirs[key], charged[key], "the carriers' logs")


def check_month(found, whose, used, wallet):
    """What a month came to when it was settled; the rebate, as cash and as voucher."""
    (account, month), (tariff, for_money, paid) = whose, used
    [theirs] = [line for line in wallet["settled"] if line["month"] == month]
    accrued, amount = tariff.settle({key: count for key, count in for_money.items() if count})
    money, rebate = paid["cash_micros"] + paid["credit_micros"], accrued - amount
    everything = money + paid["voucher_micros"]
    cash = rebate * money // everything if everything else rebate
    ours = {"segments": sum(for_money.values()), "accrued": accrued, "amount": amount, "cash": cash,
            "voucher": rebate - cash}
    theirs = {name: theirs[name] for name in ours}
    found.hold(f"ledger of {account}, {month} settled", theirs, ours, "the tier that each prefix reached")
    found.hold(f"ledger of {account}, {month} accrued", accrued, everything, "what the records say that was paid")
    return cash, rebate - cash


def fee(seen, account, paid, rebate):
    """What November consumed; packages at what was paid for the part of them that was used."""
    [*packages] = [fact["says"] for fact in seen.facts
                   if fact["says"].get("money") == "package" and fact["says"]["account"] == account]
    package = sum(one["micros"] * paid[NOVEMBER]["segments"] // one["segments"] for one in packages)
    of = paid[NOVEMBER]
    return {"cash": of["cash_micros"] + of["credit_micros"] - rebate[0], "package": package,
            "voucher": of["voucher_micros"] - rebate[1], "discount": sum(rebate)}


def check_wallets(found, seen, ends):
    """What came in is what was spent, what is left and what became void; what is owed is what was spent on credit."""
    for wallet in seen.wallets:
        account = wallet["account"]
        facts = [fact["says"] for fact in seen.facts if fact["says"].get("account") == account]
        came = sum(says["micros"] for says in facts if says.get("money") in ("cash", "voucher"))
        rebates = {kind: sum(month[kind] for month in wallet["settled"]) for kind in ("cash", "voucher")}
        spent = {fund: sum(int(record[fund]) for record in ends.values()
                           if record["account"] == account and record[fund]) for fund in FUNDS}
        owed = max(0, spent["credit_micros"] - rebates["cash"]) if spent["credit_micros"] else 0
        found.hold(f"wallet of {account}, owed", wallet["owed"], owed, "credit in the records, less rebates")
        back = rebates["voucher"] + (0 if spent["credit_micros"] else rebates["cash"])
        rest = came + back - spent["voucher_micros"] - spent["cash_micros"]
        found.hold(f"wallet of {account}, left and void", wallet["left"] + wallet["void"], rest,
                   "what operators said that came in, less what the records say was spent")
        found.hold(f"wallet of {account}, held", (wallet["held"], wallet["held_credit"]), (0, 0), "all is over")
        bought = sum(says["segments"] for says in facts if says.get("money") == "package")
        used = sum(int(record["package_segments"] or 0) for record in ends.values() if record["account"] == account)
        found.hold(f"wallet of {account}, segments left and void", wallet["left_segments"] + wallet["void_segments"],
                   bought - used, "packages bought, less what the records say was used")


def check_carriers(found, seen):
    """What each carrier says that it took, and by how many segments, is what the ledger has of it."""
    ours, theirs = collections.Counter(), collections.Counter()
    for message in seen.messages:
        for part in message.parts:
            if part.taken_at is not None:
                key = part.hands[-1]["carrier"], message.account
                ours[key, "messages"] += 1
                ours[key, "segments"] += segments("by_alphabet", part.said["characters"], part.said["ucs2"])
    for cell in seen.usage:
        key = cell["carrier"], cell["account"]
        theirs[key, "messages"] += cell["taken"][0]
        theirs[key, "segments"] += cell["taken"][1]
    for key in sorted(ours.keys() | theirs.keys()):
        found.hold(f"ledger of {key[0]}, {key[1]} taken", theirs[key], ours[key], "the carrier's own log")
