-- unsent_alerts --
-- What the service tells others and no broker has yet, in order, each taken by one pump; what is about barred children waits.
SELECT o.id, coalesce(o.alert, o.report) AS key, o.event::text FROM publication.outbox o LEFT JOIN publication.alert a USING (alert)
WHERE o.sent_at IS NULL AND (a.child_id IS NULL OR a.child_id <> ALL (%(barred)s))
ORDER BY o.id LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED

-- alerts_sent --
-- A broker has them.
UPDATE publication.outbox SET sent_at = platform.now() WHERE id = ANY (%(ids)s)

-- unsent_letters --
-- Dead letters that came by these topics, stand, and no broker has word of yet.
SELECT id, topic, partition, position, encode(digest, 'hex') AS digest, reason, detail, at FROM bus.dead_letter
WHERE sent_at IS NULL AND replayed_at IS NULL AND topic = ANY (%(topics)s)
ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED

-- letters_sent --
-- A broker has word of them.
UPDATE bus.dead_letter SET sent_at = platform.now() WHERE id = ANY (%(ids)s)

-- standing_letters --
-- Dead letters that came by these topics and were not taken in since, of one reason or of any.
SELECT topic, partition, position, digest, reason FROM bus.dead_letter
WHERE replayed_at IS NULL AND topic = ANY (%(topics)s) AND reason = coalesce(%(reason)s, reason)
ORDER BY topic, partition, position

-- failed_again --
-- Events that could not be judged are to be judged again; of one class of error or of any.
UPDATE bus.inbox SET failed = NULL WHERE failed IS NOT NULL AND failed = coalesce(%(reason)s, failed)

-- failed_count --
-- How many could not be judged.
SELECT count(*) FROM bus.inbox WHERE failed IS NOT NULL AND failed = coalesce(%(reason)s, failed)

-- unsent_count --
-- What no broker has yet, and since when the oldest waits.
SELECT count(*), extract(epoch FROM platform.now() - min(p.published_at))::float
FROM publication.outbox o
LEFT JOIN (SELECT alert, published_at FROM publication.alert UNION ALL SELECT report, published_at FROM publication.unlinked_report) p
    ON p.alert = coalesce(o.alert, o.report)
WHERE o.sent_at IS NULL
