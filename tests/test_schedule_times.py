"""Due times: each comes once and never twice, through a year of clock changes, sleep and clocks that are set."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest

from corpus.errors import UsageError
from corpus.store.schedules import Schedule
from nazair.schedule.times import check_cron, check_jitter, check_zone, due, jitter, next_start, starts, times

# Cairo and Beirut spring from midnight to one, Casablanca falls back for Ramadan and springs after it.
ZONES = ["Africa/Cairo", "Asia/Beirut", "Africa/Casablanca", "Asia/Gaza", "Asia/Riyadh"]
TIMES_OF_DAY = [(0, 0), (0, 30), (1, 30), (2, 30), (23, 30)]
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def schedule(*, cron: str | None = None, every_s: int | None = None, zone: str = "UTC", jitter_s: int = 0) -> Schedule:
    return Schedule(
        name="summit",
        topic_id="t",
        cron=cron,
        every_s=every_s,
        zone=zone,
        jitter_s=jitter_s,
        created_at=START,
        settled_until=START,
    )


@cache  # each is asked for twice or more
def daily(zone: str, hour: int, minute: int) -> list[datetime]:
    """By the calendar: the moment of each day at which its clock first shows the time, or has jumped over it."""
    found, tz = [], ZoneInfo(zone)
    for days in range(-1, 367):
        day = date(2026, 1, 1) + timedelta(days=days)
        moment = datetime.combine(day, time(0), UTC) - timedelta(hours=14)
        target = datetime.combine(day, time(hour, minute))
        while moment.astimezone(tz).replace(tzinfo=None) < target:
            moment += timedelta(minutes=30)
        found.append(moment)
    return [moment for moment in found if START < moment <= END]


def runs(one: Schedule, clock: Iterator[datetime]) -> Iterator[tuple[datetime, datetime, int]]:
    """(the clock, the last time that is due, how many were missed) of each run that a service would make."""
    for now in clock:
        found = due(one, now)
        if found is not None:
            yield now, found.last, found.missed
            one = replace(one, settled_until=found.last)


def steady(minutes: int) -> Iterator[datetime]:
    now = START
    while now < END:
        now += timedelta(minutes=minutes)
        yield now


def wild(seed: int) -> Iterator[datetime]:
    """A clock that sleeps for days, is set back by hours, and creeps."""
    draw, now = random.Random(seed), START  # noqa: S311 - repeatable
    while now < END:
        now += timedelta(minutes=draw.choice([-120, -60, 1, 7, 30, 45, 180, 600, 2 * 24 * 60]))
        now = max(now, START)
        yield min(now, END)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("at", TIMES_OF_DAY, ids=str)
def test_each_day_of_a_year_has_its_run_once(zone: str, at: tuple[int, int]) -> None:
    hour, minute = at
    one = schedule(cron=f"{minute} {hour} * * *", zone=zone)

    found = list(runs(one, steady(180)))

    assert [(last, missed) for _, last, missed in found] == [(moment, 0) for moment in daily(zone, hour, minute)]
    assert all(now - last < timedelta(hours=3) for now, last, _ in found)


@pytest.mark.parametrize("zone", ZONES)
def test_what_is_due_every_half_hour_keeps_to_real_time(zone: str) -> None:
    one = schedule(cron="*/30 * * * *", zone=zone)

    assert list(takewhile(lambda moment: moment <= END, times(one, after=START))) == list(steady(30))
    # After each run the search begins anew, here within the hours that are left out or come twice.
    for day in days_of_change(zone):
        clock = [day + timedelta(minutes=30 * count) for count in range(1, 97)]
        assert [last for _, last, _ in runs(replace(one, settled_until=day), iter(clock))] == clock


def days_of_change(zone: str) -> list[datetime]:
    """The days of the year, by UTC, in which the clocks of a zone are set."""
    tz = ZoneInfo(zone)
    midnights = [START + timedelta(days=days) for days in range(366)]
    return [
        day
        for day, next_day in pairwise(midnights)
        if day.astimezone(tz).utcoffset() != next_day.astimezone(tz).utcoffset()
    ]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", range(6))
def test_a_clock_that_sleeps_and_is_set_back_costs_no_time_and_doubles_none(zone: str, seed: int) -> None:
    hour, minute = TIMES_OF_DAY[seed % len(TIMES_OF_DAY)]
    one, expected = schedule(cron=f"{minute} {hour} * * *", zone=zone), daily(zone, hour, minute)

    found = list(runs(one, wild(seed)))

    done = 0
    for now, last, missed in found:
        assert last == expected[done + missed] <= now
        done += missed + 1
    assert done == bisect_right(expected, END)
    assert any(missed for _, _, missed in found)


def test_a_clock_that_was_years_ahead_does_not_stop_a_schedule_until_then() -> None:
    one = schedule(cron="0 */6 * * *")
    wrong = START + timedelta(days=3652, hours=1)
    ahead = due(one, wrong)
    assert ahead is not None
    one = replace(one, settled_until=ahead.last, not_before=wrong, held_until=wrong, holder="x")

    found = list(runs(one, (START + timedelta(hours=hour) for hour in range(12))))

    assert [(now.hour, last.hour) for now, last, _ in found] == [(0, 0), (6, 6)]
    assert not one.is_held(START)


def test_two_days_asleep_are_one_run_that_knows_how_many_were_missed() -> None:
    one = schedule(cron="0 */6 * * *", zone="Asia/Riyadh")

    found = due(one, START + timedelta(days=2))

    assert found is not None
    assert found.missed == 7
    assert due(replace(one, settled_until=found.last), START + timedelta(days=2)) is None


def test_cairo_has_no_half_past_midnight_on_the_day_its_clocks_spring() -> None:
    one = schedule(cron="30 0 * * *", zone="Africa/Cairo")

    local = [moment.astimezone(ZoneInfo("Africa/Cairo")) for moment in islice(times(one, after=START), 200)]

    (moment,) = [moment for moment in local if moment.date() == date(2026, 4, 24)]
    assert f"{moment:%H:%M}" == "01:00"


def test_a_search_that_begins_within_an_hour_that_comes_twice_does_not_go_back() -> None:
    # Gaza, 24 October: 01:30 comes at 22:30 and 23:30 UTC; at 23:10 it has been.
    one = schedule(cron="30 1 * * *", zone="Asia/Gaza")
    between = datetime(2026, 10, 23, 23, 10, tzinfo=UTC)

    first = next(times(one, after=between))

    assert first == datetime(2026, 10, 24, 23, 30, tzinfo=UTC)


def test_every_so_often_counts_from_when_it_was_added() -> None:
    one = schedule(every_s=1_800)

    found = list(islice(times(one, after=START + timedelta(minutes=31)), 2))

    assert found == [START + timedelta(hours=1), START + timedelta(minutes=90)]


def test_jitter_is_the_same_for_the_same_time_and_differs_between_times() -> None:
    one = schedule(cron="0 * * * *", jitter_s=600)
    some = list(islice(times(one, after=START), 200))

    drawn = [jitter(one, moment) for moment in some]

    assert drawn == [jitter(one, moment) for moment in some]
    assert all(timedelta(0) <= late <= timedelta(minutes=10) for late in drawn)
    assert len(set(drawn)) > 100


def test_with_jitter_each_time_still_comes_once() -> None:
    one = schedule(cron="0 * * * *", jitter_s=1_500)

    found = list(runs(one, islice(steady(1), 10_000)))

    late = [now - last - jitter(one, last) for now, last, _ in found]
    assert {missed for _, _, missed in found} == {0}
    assert timedelta(0) <= min(late) <= max(late) < timedelta(minutes=1)
    assert all(later - earlier == timedelta(hours=1) for (_, earlier, _), (_, later, _) in pairwise(found))


def test_runs_that_are_yet_to_begin_are_told_with_their_jitter_and_none_that_has_begun() -> None:
    one = schedule(cron="0 * * * *", jitter_s=1_800)
    (first, second, third) = (moment + jitter(one, moment) for moment in islice(times(one, after=START), 3))

    assert list(islice(starts(one, now=START), 2)) == [first, second]
    assert next(starts(one, now=first - timedelta(seconds=1))) == first == next_start(one)
    assert list(islice(starts(one, now=first), 2)) == [second, third]
    assert next(starts(replace(one, settled_until=second), now=START)) == third


def test_a_jitter_that_would_make_runs_change_places_is_refused() -> None:
    check_jitter(schedule(cron="0 * * * *", jitter_s=1_800))

    with pytest.raises(UsageError, match="more than half of the 3600 between two runs"):
        check_jitter(schedule(cron="0 * * * *", jitter_s=1_801))


def test_what_is_paused_is_not_due() -> None:
    one = schedule(cron="0 * * * *")

    assert due(replace(one, paused=True), END) is None
    assert due(one, END) is not None


def test_what_found_the_database_busy_is_due_again_a_little_later() -> None:
    later = START + timedelta(hours=1, seconds=60)
    one = replace(schedule(cron="0 * * * *"), not_before=later)

    assert due(one, later - timedelta(seconds=1)) is None
    assert due(one, later) is not None
    assert next_start(one) == later


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 25 * * *", "the second field, the hour, must be 0-23"),
        ("61 * * * *", "the first field, the minute, must be 0-59"),
        ("0 0 32 * *", "the third field, the day of month, must be 1-31"),
        ("0 0 * 13 *", "the fourth field, the month, must be 1-12"),
        ("0 0 * * 8", "the fifth field, the day of week, must be 0-7"),
        ("0 0 31 2 *", "the third field"),
        ("*/0 * * * *", "the first field"),
        ("0 0 * *", "has 4 fields, not five"),
        ("0 0 0 * * *", "has 6 fields, not five"),
        ("", "has 0 fields, not five"),
        ("٠ ٠ * * *", "the first field"),
        ("@often", "has 1 fields, not five"),
    ],
)
def test_a_wrong_field_is_named(expression: str, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_cron(expression)

    assert words in str(raised.value)


def test_sunday_is_the_first_day_of_the_week() -> None:
    one = schedule(cron=check_cron("@weekly"))

    assert {moment.strftime("%A") for moment in islice(times(one, after=START), 20)} == {"Sunday"}


@pytest.mark.parametrize(
    ("name", "near"),
    [("Asia/Riyad", "Asia/Riyadh"), ("Cairo", "Africa/Cairo"), ("", None), ("../etc/passwd", None), ("+03:00", None)],
)
def test_an_unknown_zone_is_refused_with_the_nearest(name: str, near: str | None) -> None:
    with pytest.raises(UsageError) as raised:
        check_zone(name)

    assert repr(name) in str(raised.value)
    assert ("Did you mean" in str(raised.value)) == (near is not None)
    assert near is None or repr(near) in str(raised.value)
