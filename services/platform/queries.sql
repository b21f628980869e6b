-- inbox_waiting --
-- Waiting events of these parts, severe ones first and of whatever part, for a killed worker keeps its share for a while; then as
-- they came. Those that another transaction has in hand are passed over.
SELECT id, feed, batch, line, urgent, taken_at FROM bus.inbox
WHERE done_at IS NULL AND failed IS NULL AND (urgent OR part = ANY (%(parts)s))
ORDER BY urgent DESC, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED

-- inbox_done --
-- Events that were judged, or that there was nothing to judge of.
UPDATE bus.inbox SET done_at = platform.now(), done_seal = %(seal)s WHERE id = ANY (%(ids)s)

-- inbox_failed --
-- An event that cannot be judged even alone; not where another worker has judged it meanwhile.
UPDATE bus.inbox SET failed = %(why)s WHERE id = %(id)s AND done_at IS NULL

-- inbox_standing --
-- What waits, what failed, what was not taken in, and who is at work.
SELECT count(*) AS waiting, count(*) FILTER (WHERE urgent) AS urgent,
       extract(epoch FROM platform.now() - min(taken_at))::float8 AS oldest_seconds,
       (SELECT coalesce(jsonb_object_agg(failed, n), '{}')
        FROM (SELECT failed, count(*) AS n FROM bus.inbox WHERE failed IS NOT NULL GROUP BY failed) AS by_class) AS failed,
       (SELECT coalesce(jsonb_object_agg(reason, n), '{}')
        FROM (SELECT reason, count(*) AS n FROM bus.dead_letter WHERE replayed_at IS NULL GROUP BY reason) AS by_reason) AS dead_letters,
       (SELECT count(*) FROM intake.quarantine WHERE mended_at IS NULL
        AND batch IN (SELECT batch FROM bus.inbox WHERE urgent AND line IS NULL)) AS urgent_quarantined,
       (SELECT count(*) FROM bus.worker WHERE until >= clock_timestamp()) AS workers,
       (SELECT count(*) FROM bus.lease JOIN bus.worker USING (holder) WHERE until >= clock_timestamp()) AS parts
FROM bus.inbox WHERE done_at IS NULL AND failed IS NULL

-- lease_lock --
-- Shares are given out by one worker after another.
SELECT pg_advisory_xact_lock(hashtextextended('mimamori bus leases', 0))

-- lease_gone --
-- Workers that have not been heard of go, and their shares with them.
DELETE FROM bus.worker WHERE until < clock_timestamp()

-- lease_present --
-- This worker is there.
INSERT INTO bus.worker (holder, until) VALUES (%(holder)s, clock_timestamp() + make_interval(secs => %(seconds)s))
ON CONFLICT (holder) DO UPDATE SET until = excluded.until

-- lease_give_up --
-- What this worker has beyond its fair share.
DELETE FROM bus.lease WHERE part IN (
    SELECT part FROM bus.lease WHERE holder = %(holder)s ORDER BY part
    OFFSET (SELECT ceil(32.0 / count(*)) FROM bus.worker))

-- lease_take --
-- Free parts, up to this worker's fair share.
INSERT INTO bus.lease (part, holder)
SELECT part, %(holder)s FROM generate_series(0, 31) AS part
WHERE part NOT IN (SELECT part FROM bus.lease) ORDER BY part
LIMIT (SELECT ceil(32.0 / count(*)) FROM bus.worker) - (SELECT count(*) FROM bus.lease WHERE holder = %(holder)s)

-- lease_mine --
-- What this worker has.
SELECT part FROM bus.lease WHERE holder = %(holder)s ORDER BY part

-- lease_release --
-- This worker goes.
DELETE FROM bus.worker WHERE holder = %(holder)s
