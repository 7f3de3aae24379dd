"""Reads, as JSON, schedules of Prefect's wire with a start and a number; prints the dates that its classes give.

Dates are microseconds of the Unix epoch; an error is its text. With them comes what the zones are here: for each, the
UTC offsets at 06:00 UTC of each fifth day, as a digest, by `zoneinfo` and by `dateutil`.
"""
import asyncio
import datetime
import hashlib
import json
import signal
import sys
from zoneinfo import ZoneInfo

import dateutil.tz
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)
CLASSES = {"interval": IntervalSchedule, "cron": CronSchedule, "rrule": RRuleSchedule}


# Rules that name no date are walked to the year 9999.
SECONDS_MAX = 1


def from_micros(micros):
    return EPOCH + micros * MICROSECOND


def to_micros(date):
    # As a date of the standard library: others subtract in ways of their own.
    return (datetime.datetime.fromisoformat(date.isoformat()) - EPOCH) // MICROSECOND


def give_up(_signal, _frame):
    raise TimeoutError("no date for too long")


async def dates(case):
    try:
        schedule = CLASSES[case["kind"]].model_validate(case["schedule"])
        signal.setitimer(signal.ITIMER_REAL, SECONDS_MAX)
        return sorted(to_micros(date) for date in await schedule.get_dates(case["n"], from_micros(case["start"])))
    except Exception as error:
        return str(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def digests(name, days):
    marks = []
    for zone in (ZoneInfo(name), dateutil.tz.gettz(name)):
        digest = hashlib.sha256()
        for day in days:
            moment = (EPOCH + datetime.timedelta(days=day, hours=6)).astimezone(zone)
            digest.update(b"%d " % moment.utcoffset().total_seconds())
        marks.append(digest.hexdigest())
    return marks


def zone_digests(names, first, last):
    found = {}
    for name in names:
        try:
            found[name] = digests(name, range(first, last, 5))
        except Exception:
            found[name] = ["", ""]
    return found


async def main():
    asked = json.load(sys.stdin)
    print(
        json.dumps(
            {
                "dates": [await dates(case) for case in asked["cases"]],
                "zones": zone_digests(asked["zones"], asked["firstDay"], asked["lastDay"]),
            }
        )
    )


signal.signal(signal.SIGALRM, give_up)
asyncio.run(main())
