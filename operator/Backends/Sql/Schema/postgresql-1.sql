-- Mail Operator's table for app passwords, version 1, for PostgreSQL 12 and newer. Apply it once, as the owner of the database:
--   psql -d mail -f postgresql-1.sql
-- then let two roles in, under passwords of your own:
--   GRANT SELECT, INSERT, UPDATE, DELETE ON mail_app_passwords TO mail_operator;  GRANT SELECT ON mail_app_passwords_schema TO mail_operator;
--   GRANT SELECT ON mail_app_passwords TO dovecot;
BEGIN;

CREATE TABLE mail_app_passwords_schema (version integer PRIMARY KEY);
INSERT INTO mail_app_passwords_schema (version) VALUES (1);

-- A row is one password that the mail server accepts. It holds a bcrypt hash and nothing of the password but, of a generated one, its
-- first six characters: the selector, by which the lookup of a login finds the one row that can match.
CREATE TABLE mail_app_passwords (
  mailbox          varchar(320) NOT NULL,                -- in lower case
  selector         varchar(16)  NOT NULL,
  chosen           smallint     CHECK (chosen BETWEEN 1 AND 4), -- the place of a password that a person chose, which has no selector
  hash             varchar(128) NOT NULL,
  device           varchar(320) NOT NULL,                -- namespace/name of the MailDevice, for logs
  imap             boolean      NOT NULL,
  pop3             boolean      NOT NULL,
  smtp             boolean      NOT NULL,
  sending          boolean      NOT NULL,                -- false: the device's user may not send
  suspended        boolean      NOT NULL,                -- true: kept and refused
  retained         boolean      NOT NULL,                -- true: left on purpose by a MailDevice that is gone
  allowed_networks text,                                 -- CIDR, parted by commas; NULL: anywhere
  issued_at        timestamptz  NOT NULL,
  not_after        timestamptz,                          -- refused from then on; NULL: no end
  ended_at         timestamptz,                           -- refused since then, and kept until the mail servers have been told of it
  ends_sessions    boolean      NOT NULL,                -- whether these then end its sessions too
  instance         varchar(64)  NOT NULL,                -- the cluster whose operator owns the row
  device_uid       varchar(64)  NOT NULL,
  PRIMARY KEY (mailbox, selector),
  UNIQUE (mailbox, chosen)
);
CREATE INDEX mail_app_passwords_owner ON mail_app_passwords (instance, device_uid);

COMMIT;
