-- Articles, and who wrote them: the `sub` of the writer's token. An imported article may have nobody.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_by TEXT
);

CREATE INDEX articles_created_by ON articles (created_by);
