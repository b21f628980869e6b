-- named --
-- Whom urgent events are about, of those that some rows became; whether it was told before that no child had the number, and
-- whether their record reported of the same child before.
SELECT asked.event, f.child_key, EXISTS (SELECT FROM publication.unlinked_report u WHERE u.event = asked.event),
       f.revises AND EXISTS (
           SELECT FROM facts.soudan earlier WHERE earlier.record_key = f.record_key AND earlier.child_key = f.child_key
           AND earlier.kind = f.kind AND (earlier.batch, earlier.line) < (f.batch, f.line))
FROM unnest(%(events)s::bigint[], %(batches)s::bigint[], %(lines)s::int[]) AS asked (event, batch, line)
JOIN facts.soudan f USING (batch, line) WHERE f.op <> 'D' AND f.child_key IS NOT NULL

-- judged --
-- Of whom, among these children, a 速報 says something.
SELECT s.child_id FROM judgement.provisional_line l JOIN judgement.said s USING (judgement)
WHERE l.seal = %(seal)s AND s.child_id = ANY (%(children)s)

-- reopen --
-- Events that were told as 未連結の通告 wait again, once their number was linked after a seal.
UPDATE bus.inbox i SET done_at = NULL FROM publication.unlinked_report u
WHERE u.event = i.id AND i.done_at IS NOT NULL AND i.done_seal IS NULL
  AND EXISTS (SELECT FROM linkage.link l WHERE l.person_key = u.person_key AND l.op = 'I' AND l.seal > %(after)s)

-- newest_links --
-- The seal of the newest links.
SELECT coalesce(max(seal), 0) FROM linkage.run

-- ages --
-- How many events wait, by age: up to a second, ten, a minute, ten minutes, and older.
WITH clock AS MATERIALIZED (SELECT platform.now() AS now)
SELECT count(*) FILTER (WHERE age <= 1), count(*) FILTER (WHERE age > 1 AND age <= 10), count(*) FILTER (WHERE age > 10 AND age <= 60),
       count(*) FILTER (WHERE age > 60 AND age <= 600), count(*) FILTER (WHERE age > 600)
FROM clock, bus.inbox CROSS JOIN LATERAL (SELECT extract(epoch FROM clock.now - taken_at)) AS waiting (age)
WHERE done_at IS NULL AND failed IS NULL
