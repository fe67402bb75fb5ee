"""What a period comes to: rates, tiers, claims, prices. Read from config/sla and the tariffs, computed in fractions."""
import calendar
import datetime
import fractions
import pathlib
import tomllib

from codes import CHINA, millis

SLA = pathlib.Path(__file__).resolve().parent.parent.parent / "config"
PROVIDERS = {"strict": {"none", "recipient", "customer", "platform", "carrier", "regulator", "unknown"},
             "attributable": {"platform", "carrier", "unknown"}, "literal": {"platform", "unknown"}}
DAY = datetime.timedelta(days=1)


def share(text):
    return fractions.Fraction(text.rstrip("%")) / 100


def month_of(at):
    """The month of a time by the contracts' clock, as 202111."""
    day = datetime.datetime.fromtimestamp(at / 1000, CHINA)
    return day.year * 100 + day.month


class Policy:
    def __init__(self, name):
        files = [tomllib.loads(file.read_text()) for file in (SLA / "sla").glob("*.toml")]
        [self.file] = [file for file in files if file["name"] == name]
        # One version in each; the last that is in force when the period begins.
        versions = [one for one in self.file["version"] if one["effective_from"] <= "2021-11-01"]
        self.version = max(versions, key=lambda one: one["effective_from"])
        self.metric, self.claim = self.version["metric"], self.version["claim"]
        self.closes_at = millis("2021-12-01") + int(self.version["close_after"].rstrip("h")) * 3_600_000

    def counts(self, to, home):
        where = "domestic" if any(to.startswith(prefix) for prefix in home) else "international"
        return where in self.metric["destinations"]

    def judge(self, rate):
        """Whether the target was missed, and the tier that was reached."""
        failures, valid = rate
        if not valid:
            return None, None
        reached, target = fractions.Fraction(valid - failures, valid), share(self.version["target"]["share"])
        missed = reached < target if self.version["target"]["op"] == "at-least" else reached <= target
        tiers = [tier for tier in self.version["compensation"]["tiers"] if reached < share(tier["below"])]
        return missed, min(tiers, key=lambda tier: share(tier["below"]), default=None)

    def claims(self):
        """The window for November 2021, from and until in milliseconds."""
        days = tomllib.loads((SLA / "calendars" / "china.toml").read_text())
        day, worked = datetime.date(2021, 12, 1), 0
        while True:
            name = str(day)
            is_workday = name in days["worked"] or day.weekday() < 5 and name not in days["off"]
            worked += is_workday
            if worked == self.claim["opens_after_workday"]:
                break
            day += DAY
        if "closes_after_days" in self.claim:
            last = datetime.date(2021, 11, 30) + self.claim["closes_after_days"] * DAY
        else:
            month = 10 + self.claim["closes_after_months"]
            year, month = 2021 + month // 12, month % 12 + 1
            last = datetime.date(year, month, calendar.monthrange(year, month)[1])
        return [millis(day + DAY), millis(last + DAY)]

    def owed(self, tier, fee, rate_card):
        """What is owed of a fee: base, amount, total under the cap, messages and what is left."""
        terms = self.version["compensation"]
        base = fee["cash"] + fee["package"] + (fee["voucher"] if terms["base"] == "consumed" else 0)
        amount = int(share(tier["pays"]["messages"]) * base)
        total = min(amount, fee["cash"] + fee["package"]) if terms["cap"] == "paid" else amount
        if terms["form"] == "messages":
            return base, amount, total, total // rate_card, total % rate_card
        return base, amount, total, None, None


def rates(ends):
    """The three ways to count failures, each as failures and valid."""
    valid = sum(end["class"] in ("delivered", "explicit_failure", "pending") for end in ends)
    failed = [end["fault"] for end in ends if end["class"] == "explicit_failure"]
    return {name: (sum(fault in faults for fault in failed), valid) for name, faults in PROVIDERS.items()}


class Tariff:
    def __init__(self, file):
        self.file = tomllib.loads(file.read_text())

    def prefixes(self):
        return {price.get("prefix", "") for version in self.file["version"] for price in version["price"]}

    def at(self, to, at):
        """The version, the prefix and the tiers of a number at a time; none where there is no price."""
        version = [one for one in self.file["version"] if millis(one["effective"]) <= at][-1]
        fits = [price for price in version["price"] if to.startswith(price.get("prefix", ""))]
        if not fits:
            return None
        price = max(fits, key=lambda price: len(price.get("prefix", "")))
        return version["number"], price.get("prefix", ""), tiers(price)

    def tiers(self, number, prefix):
        [version] = [one for one in self.file["version"] if one["number"] == number]
        [price] = [price for price in version["price"] if price.get("prefix", "") == prefix]
        return tiers(price)

    def settle(self, used):
        """What segments by version and prefix come to, all at the tier that the prefix reached."""
        volume, accrued, amount = {}, 0, 0
        for (_, prefix), segments in used.items():
            volume[prefix] = volume.get(prefix, 0) + segments
        for (number, prefix), segments in used.items():
            steps = self.tiers(number, prefix)
            reached = next(price for up_to, price in steps if up_to is None or volume[prefix] <= up_to)
            accrued, amount = accrued + steps[0][1] * segments, amount + reached * segments
        return accrued, amount


def micros(text):
    return int(fractions.Fraction(text) * 1_000_000)


def tiers(price):
    steps = price.get("tiers") or [{"price": price["price"]}]
    return [(step.get("up_to"), micros(step["price"])) for step in steps]


def segments(rule, characters, ucs2):
    """Billable segments of a text of letters."""
    one, each = (70, 67) if ucs2 or rule == "every_character" else (160, 153)
    return 1 if characters <= one else -(-characters // each)
