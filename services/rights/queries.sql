-- person_key --
-- The key of a number, null where there is none, and its handle.
SELECT (SELECT person_key FROM identity.person WHERE system = %(system)s AND number = %(number)s),
       rights.number_handle(%(system)s, %(number)s)

-- child_of --
-- Whose number it is today: of each basis the newest version, of several links the one known last.
SELECT child_id FROM (
    SELECT DISTINCT ON (basis) * FROM linkage.link WHERE person_key = %(key)s ORDER BY basis, known_at DESC, seal DESC, op DESC
) AS newest WHERE op = 'I' ORDER BY known_at DESC, basis DESC LIMIT 1

-- known_child --
-- Whether anything here is of this child.
SELECT EXISTS (SELECT FROM linkage.link WHERE child_id = %(child)s)
    OR EXISTS (SELECT FROM judgement.judgement WHERE child_id = %(child)s)

-- subject --
-- What the erasure is asked by.
SELECT rights.subject(%(child)s, %(key)s)

-- gone --
-- The entry of the erasure by which this handle is gone.
SELECT entry FROM rights.gone WHERE handle = %(handle)s

-- asked_by --
-- Who has asked for it and still may, with what they signed.
SELECT r.person, r.statement, r.signature, r.at FROM rights.request r JOIN gate.person USING (person)
WHERE subject = %(subject)s AND reason = %(reason)s AND revoked_at IS NULL ORDER BY r.entry

-- ask --
-- One person's word.
INSERT INTO rights.request (subject, reason, person, statement, signature, entry)
VALUES (%(subject)s, %(reason)s, %(person)s, %(statement)s, %(signature)s, %(entry)s)

-- erase --
-- Everything, at once, in the permit's own transaction.
SELECT rights.erase(%(permit)s, %(child)s, %(key)s, %(reason)s)
