-- Comments, and who wrote them: the `email` of the writer's token.
CREATE TABLE comments (
    id INTEGER PRIMARY KEY,
    article INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    text TEXT NOT NULL,
    author TEXT
);

CREATE INDEX comments_article ON comments (article);
