-- Tenants: whose tokens are accepted. A row that is gone is a tenant that is gone.
CREATE TABLE tenants (
    iss TEXT PRIMARY KEY,
    name TEXT NOT NULL
) WITHOUT ROWID;
