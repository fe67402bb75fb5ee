"""What carriers' codes mean: read from config/codes and the carriers' own lines, and looked up anew.

Nothing here is taken from the program: it is written from the heads of the tables and from SMPP 3.4 (5.2.28, B).
"""
import datetime
import pathlib
import tomllib

CODES = pathlib.Path(__file__).resolve().parent.parent.parent / "config" / "codes"
CHINA = datetime.timezone(datetime.timedelta(hours=8))
STATES = {"SCHEDULED": 0, "ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "ACCEPTD": 6,
          "UNKNOWN": 7, "REJECTD": 8}
# By the state alone: class and fault.
BY_STATE = {2: ("delivered", "none"), 3: ("invalid_number", "recipient"), 4: ("explicit_failure", "carrier"),
            5: ("explicit_failure", "unknown"), 8: ("explicit_failure", "unknown")}
ON_ITS_WAY = {0, 1, 6, 9}


def millis(day):
    """The beginning of a day by the contracts' clock."""
    year, month, of_month = map(int, str(day).split("-"))
    return int(datetime.datetime(year, month, of_month, tzinfo=CHINA).timestamp() * 1000)


class Codes:
    """Everything that one carrier's codes mean."""

    def __init__(self, carrier):
        files = [tomllib.loads(file.read_text()) for file in sorted(CODES.glob("*.toml"))]
        named = [file for name in carrier.get("codes", []) for file in files if file["family"] == name]
        general = [file for file in files if file.get("general")]
        self.tables = [(file["family"], millis(file["effective"]),
                        {code: row for row in file["code"] for code in row["codes"]}) for file in named + general]
        # The codes that were looked up and found, by family; the carrier's own lines are a family too.
        self.used = {name: set() for name, _, _ in self.tables} | {"its own": set()}
        self.own = {(row.get("stat"), row.get("err")): row for row in carrier.get("code", [])}

    def table(self, code, now):
        """The first table that has a code: whole, or a number without the zeros that fill it."""
        for family, effective, rows in self.tables:
            bare = code.lstrip("0") if code.isdigit() else code
            found = next((one for one in (code, bare) if one in rows), None)
            if effective <= now and found is not None:
                self.used[family].add(found)
                return rows[found]
        return None

    def own_line(self, stat, err):
        found = self.own.get((stat, err))
        if found:
            self.used["its own"].add((stat, err))
        return found

    def row(self, stat, err, network, now):
        state = STATES.get(stat)
        nothing_wrong = state in ON_ITS_WAY or state == 2
        found = self.own_line(stat, err)
        if found:
            return found
        if not nothing_wrong:
            codes = [err] if err.strip("0") else []
            if network and network[0] == 3 and network[1:] != [0, 0]:
                codes.append(f"map:{network[1] * 256 + network[2]}")
            for code in codes:
                found = self.own_line(None, code) or self.table(code, now)
                if found:
                    return found
        found = self.own_line(stat, None)
        if found:
            return found
        unexplained = state is not None and not nothing_wrong and err.strip("0")
        return None if unexplained else self.table(stat, now)

    def receipt(self, stat, err, network, now):
        """None for what decides nothing, "unknown", or what the message counts as."""
        row, state = self.row(stat, err, network, now), STATES.get(stat)
        if row:
            return None if row["class"] == "pending" else ruled(row, stat, err)
        if state in ON_ITS_WAY:
            return None
        if state not in BY_STATE:
            return "unknown"
        kind, fault = BY_STATE[state]
        unmapped = kind != "delivered" and err.strip("0") != ""
        return outcome(kind, fault, stat, err, unmapped=unmapped)

    def refusal(self, status, now):
        """What a message counts as that was refused with this command_status for good."""
        code = f"status:{status:08x}"
        row = self.own_line(None, code) or self.table(code, now)
        if row and row["class"] != "pending":
            return ruled(row, "REJECTD", f"{status:08x}")
        return outcome("explicit_failure", "carrier", "REJECTD", f"{status:08x}")


def outcome(kind, fault, stat, err, excluded_by="", unmapped=False, reported=True):
    return {"class": kind, "fault": fault, "stat": stat, "err": err, "excluded_by": excluded_by,
            "unmapped": unmapped, "reported": reported, "evidence": None}


def ruled(row, stat, err):
    return outcome(row["class"], row["fault"], stat, err, row.get("excluded_by", ""))


PENDING = outcome("pending", "carrier", "NORECPT", "", reported=False)
DOUBTFUL = outcome("pending", "carrier", "INDOUBT", "", reported=False)
EXPIRED = outcome("explicit_failure", "platform", "EXPIRED", "")
CANCELLED = outcome("excluded", "customer", "DELETED", "", "customer")
INCOMPLETE = outcome("excluded", "customer", "PARTMISS", "", "customer")


def never_understood(stat):
    """Its last word was one that nobody knows."""
    return outcome("explicit_failure", "unknown", stat, "", unmapped=stat not in STATES, reported=False)
