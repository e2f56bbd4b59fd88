CREATE TABLE "wl_Comment" ("id" INTEGER, "user_id" INTEGER, "comment" TEXT, "insertedAt" DATETIME, "ip" TEXT, "link" TEXT,
  "mail" TEXT, "nick" TEXT, "rid" INTEGER, "pid" INTEGER, "sticky" NUMERIC, "status" TEXT NOT NULL, "like" INTEGER, "ua" TEXT,
  "url" TEXT, "createdAt" DATETIME, "updatedAt" DATETIME, PRIMARY KEY("id" AUTOINCREMENT));
INSERT INTO "wl_Comment" (id, comment, insertedAt, link, mail, nick, pid, status, url, createdAt) VALUES
  (1, 'Good *tea*', '2023-03-01 10:00:00', 'https://ada.example', 'ada@mail.example', 'Ada', NULL, 'approved', '/tea/', '2024-01-01 00:00:00'),
  (2, '<p>And cups</p>', NULL, NULL, NULL, 'Bo', 1, 'waiting', '/tea/', '2023-03-02 10:00:00'),
  (3, 'Cheap pills', '2023-03-03 10:00:00', '', '', '', 1, 'spam', '/cups/', '2023-03-03 10:00:00'),
  (4, 'No page', '2023-03-03 10:00:00', '', '', 'Cy', 0, 'approved', NULL, '2023-03-03 10:00:00');
