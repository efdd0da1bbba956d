-- Articles, and who wrote them: a subject is unique within its issuer only.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL
);

CREATE INDEX articles_issuer ON articles (issuer);
