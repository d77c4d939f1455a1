-- Exchange tables of huxin for postgresql; see docs/platform.md. Run once, as the owner
-- of the database, then give the role a password:
-- \password huxin_node

CREATE ROLE huxin_node LOGIN;

CREATE TABLE huxin_check (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  source VARCHAR(64) NOT NULL,
  matter VARCHAR(64) NOT NULL,
  case_no VARCHAR(200) NOT NULL,
  purpose VARCHAR(64) NOT NULL,
  code VARCHAR(64) NOT NULL,
  name VARCHAR(400) NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  answered_at TIMESTAMP WITH TIME ZONE,
  number VARCHAR(64),
  result VARCHAR(16),
  complete SMALLINT,
  reason VARCHAR(64),
  measures TEXT,
  message TEXT,
  PRIMARY KEY (id)
);

CREATE INDEX huxin_check_waiting ON huxin_check (answered_at, id);

CREATE TABLE huxin_check_batch (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  source VARCHAR(64) NOT NULL,
  batch VARCHAR(64) NOT NULL,
  size INTEGER NOT NULL,
  matter VARCHAR(64) NOT NULL,
  case_no VARCHAR(200) NOT NULL,
  purpose VARCHAR(64) NOT NULL,
  code VARCHAR(64) NOT NULL,
  name VARCHAR(400) NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  answered_at TIMESTAMP WITH TIME ZONE,
  number VARCHAR(64),
  result VARCHAR(16),
  complete SMALLINT,
  reason VARCHAR(64),
  measures TEXT,
  message TEXT,
  PRIMARY KEY (id)
);

CREATE INDEX huxin_check_batch_waiting ON huxin_check_batch (source, batch, answered_at);

CREATE TABLE huxin_inbox (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  source VARCHAR(64) NOT NULL,
  kind VARCHAR(16) NOT NULL,
  list_type VARCHAR(64) DEFAULT '' NOT NULL,
  content TEXT NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  answered_at TIMESTAMP WITH TIME ZONE,
  outcome VARCHAR(64),
  code VARCHAR(64),
  message TEXT,
  statement_id VARCHAR(32),
  PRIMARY KEY (id)
);

CREATE INDEX huxin_inbox_waiting ON huxin_inbox (answered_at, id);

CREATE TABLE huxin_outbox (
  seq BIGINT GENERATED ALWAYS AS IDENTITY,
  origin VARCHAR(200) NOT NULL,
  idx BIGINT NOT NULL,
  version INTEGER NOT NULL,
  kind VARCHAR(64) NOT NULL,
  action INTEGER NOT NULL,
  statement_id VARCHAR(64) NOT NULL,
  about VARCHAR(64) NOT NULL,
  state VARCHAR(64) NOT NULL,
  rule TEXT NOT NULL,
  list_type TEXT NOT NULL,
  tier TEXT NOT NULL,
  subject_scheme TEXT NOT NULL,
  subject_code TEXT NOT NULL,
  subject_name TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  authority TEXT NOT NULL,
  authority_name TEXT NOT NULL,
  document TEXT NOT NULL,
  decided_on INTEGER,
  publish_until INTEGER,
  basis TEXT NOT NULL,
  reason TEXT NOT NULL,
  relief_document TEXT NOT NULL,
  relief_decided_on INTEGER,
  title TEXT NOT NULL,
  conditions TEXT NOT NULL,
  completed TEXT NOT NULL,
  instruction VARCHAR(200) DEFAULT '' NOT NULL,
  registered_here VARCHAR(200) DEFAULT '' NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
  taken_at TIMESTAMP WITH TIME ZONE,
  acknowledged_at TIMESTAMP WITH TIME ZONE,
  ack_result VARCHAR(200),
  PRIMARY KEY (seq),
  CONSTRAINT huxin_outbox_version UNIQUE (origin, idx, version)
);

CREATE INDEX huxin_outbox_waiting ON huxin_outbox (taken_at, seq);

CREATE VIEW huxin_notice AS
SELECT * FROM huxin_outbox
WHERE registered_here <> '' AND kind NOT IN ('penalty', 'commendation');

GRANT SELECT, UPDATE (answered_at, outcome, code, message, statement_id) ON huxin_inbox TO huxin_node;

GRANT SELECT, INSERT ON huxin_outbox TO huxin_node;

GRANT SELECT, UPDATE (answered_at, number, result, complete, reason, measures, message) ON huxin_check TO huxin_node;

GRANT SELECT, UPDATE (answered_at, number, result, complete, reason, measures, message) ON huxin_check_batch TO huxin_node;
