-- registered --
-- Whether the person is still registered; the row is held until the change commits.
SELECT FROM gate.person WHERE person = %(person)s AND revoked_at IS NULL FOR SHARE

-- versions --
-- Where every version of one approval stands, held for a change; a permit under way is waited for.
SELECT version, state FROM gate.approval WHERE approval = %(approval)s ORDER BY version FOR UPDATE

-- insert_approval --
-- One drafted version; what the second opinion asks about is taken out of the document here, once.
INSERT INTO gate.approval (approval, version, hash, document, profile, clause, acts, items, classes, rule_sets, emergency,
                           recurrence, max_runs, period_from, period_to, drafted_by)
VALUES (%(approval)s, %(version)s, %(hash)s, %(document)s, %(profile)s, %(clause)s, %(acts)s, %(items)s, %(classes)s,
        %(rule_sets)s, %(emergency)s, %(recurrence)s, %(max_runs)s, %(period_from)s, %(period_to)s, %(drafted_by)s)

-- insert_recipient --
-- What one role of one office may do with which items.
INSERT INTO gate.approval_recipient (approval, version, office, role, act, items)
VALUES (%(approval)s, %(version)s, %(office)s, %(role)s, %(act)s, %(items)s)

-- submit --
-- The draft goes to the council.
UPDATE gate.approval SET state = 'submitted', submitted_by = %(person)s
WHERE approval = %(approval)s AND version = %(version)s

-- hear --
-- The council's part, and the dates between which the clauses are in force.
UPDATE gate.approval
SET state = %(state)s, opinion = %(opinion)s, opinion_on = %(opinion_on)s, council = %(council)s,
    clause_from = %(clause_from)s, clause_to = %(clause_to)s, heard_by = %(person)s
WHERE approval = %(approval)s AND version = %(version)s

-- supersede --
-- The version in force, if there is one, makes room for the next.
UPDATE gate.approval SET state = 'amended' WHERE approval = %(approval)s AND state = 'in_force'

-- carry_over --
-- A narrower version stands on the hearing of the one it came from.
UPDATE gate.approval n
SET state = 'in_force', opinion = o.opinion, opinion_on = o.opinion_on, council = o.council, clause_from = o.clause_from,
    clause_to = o.clause_to, heard_by = o.heard_by
FROM gate.approval o
WHERE n.approval = %(approval)s AND n.version = %(version)s AND o.approval = %(approval)s AND o.version = %(before)s

-- revoke --
-- Taken back, at once.
UPDATE gate.approval SET state = 'revoked', revoked_at = %(at)s WHERE approval = %(approval)s AND version = %(version)s

-- insert_event --
-- Who changed what, signed.
INSERT INTO gate.approval_event (approval, version, what, person, statement, signature, entry)
VALUES (%(approval)s, %(version)s, %(what)s, %(person)s, %(statement)s, %(signature)s, %(entry)s)

-- document --
-- The text of one version.
SELECT document FROM gate.approval WHERE approval = %(approval)s AND version = %(version)s

-- noted --
-- Who signed the text itself, and the statement that holds the line, in order.
SELECT person, convert_from(statement, 'UTF8') FROM gate.approval_event
WHERE approval = %(approval)s AND version = %(version)s AND what IN ('submit', 'hear', 'narrow') ORDER BY event

-- events --
-- What was done to one version, in order.
SELECT what, person, at, entry FROM gate.approval_event
WHERE approval = %(approval)s AND version = %(version)s ORDER BY event
