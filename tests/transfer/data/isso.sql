-- Isso 0.13: threads and comments; mode 1 accepted, 2 pending, 4 deleted
CREATE TABLE preferences (key VARCHAR PRIMARY KEY, value VARCHAR);
CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256));
CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL,
  modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR, email VARCHAR,
  website VARCHAR, likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0);
CREATE TRIGGER remove_stale_threads AFTER DELETE ON comments BEGIN
  DELETE FROM threads WHERE id NOT IN (SELECT tid FROM comments); END;
INSERT INTO threads VALUES (1, '/tea/', 'Tea'), (2, '/cups/', NULL), (3, '/nobody/', 'Nobody wrote');
INSERT INTO comments VALUES
  (1, 1, NULL, 1500000000.25, NULL, 1, '192.0.2.0', 'A **good** one', 'Ada &amp; Bo', 'ada@mail.example', 'https://ada.example/?a=1&amp;b=2', 2, 0, x'00', 0),
  (1, 2, 1, 1500000060, 1500000120, 2, '192.0.2.0', '<p>Brought from elsewhere</p>', 'Bo', NULL, NULL, 0, 0, x'00', 0),
  (1, 3, 1, 1500000090, NULL, 4, '192.0.2.0', '', NULL, NULL, NULL, 0, 0, x'00', 0),
  (2, 4, 1, 1500000099, NULL, 1, '192.0.2.0', 'Below another', '', '', '', 0, 0, x'00', 0),
  (2, 5, 77, 1500000099, NULL, 1, '192.0.2.0', 'Below nothing', 'Cy', 'cy@mail.example', '', 0, 0, x'00', 0),
  (9, 6, 0, 1500000099, NULL, 1, '192.0.2.0', 'Nowhere', 'Cy', 'cy@mail.example', '', 0, 0, x'00', 0);
