PRAGMA application_id = 1262635338;
PRAGMA user_version = 3;
BEGIN TRANSACTION;
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  external_id TEXT,
  method TEXT NOT NULL,
  path TEXT NOT NULL,
  status INTEGER,                   -- NULL: no answer
  duration REAL NOT NULL,           -- seconds
  request_id TEXT,
  message TEXT NOT NULL,
  at TEXT NOT NULL
);
INSERT INTO "attempt" VALUES(1,1,NULL,'GET','/companies',200,2.02747499861288815736e-03,NULL,'','2026-11-21T12:18:51.733309+00:00');
INSERT INTO "attempt" VALUES(2,1,'K-1','PATCH','/companies/1',200,1.98948899924289435148e-03,NULL,'','2026-11-21T12:18:51.737525+00:00');
CREATE TABLE issue (
  row INTEGER NOT NULL REFERENCES row (id),
  stage TEXT NOT NULL,              -- map or write
  code TEXT NOT NULL,
  severity TEXT NOT NULL,
  field TEXT,
  header TEXT,                      -- the column's header
  value TEXT,
  message TEXT NOT NULL,
  hint TEXT NOT NULL
);
INSERT INTO "issue" VALUES(3,'map','not-a-country','error','address_invoice_country','country','Holand','"Holand" is not a country: no country is known by this name; did you mean NL (Netherlands)?','Use the country''s name or its two-letter code, or translate it with `map`.');
CREATE TABLE listing (
  kanbert_id TEXT PRIMARY KEY,      -- of the last run that listed the space; what that run does not need is left out
  external_id TEXT,
  external_origin TEXT,
  archived INTEGER NOT NULL,
  updated_at TEXT,
  read_at REAL,                     -- by that run's monotonic clock
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE listing_key (key TEXT NOT NULL, held INTEGER NOT NULL, kanbert_id TEXT NOT NULL, PRIMARY KEY (key, held, kanbert_id)) WITHOUT ROWID;
CREATE TABLE operation (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES run (id),
  row INTEGER NOT NULL,             -- its row at that time; rows go when the file is read again, operations stay
  external_id TEXT NOT NULL,
  action TEXT NOT NULL,
  digest TEXT NOT NULL,
  kanbert_id TEXT,
  body TEXT NOT NULL,               -- what is sent
  changes TEXT NOT NULL,
  before TEXT,                      -- the company before the write
  intended_at TEXT NOT NULL,
  outcome TEXT,                     -- NULL: intended, effect not known; superseded: a later look-up settled the row
  settled_at TEXT,
  after TEXT,                       -- the company after it, as Kanbert answered
  traceback TEXT                    -- of an error of our own
);
INSERT INTO "operation" VALUES(1,1,1,'K-1','update','175cf3839c777b43541446c6261ad8db050a6622ee60ceaaf6c656ab52a697f1','1','{"phone":"9"}','[["phone","1","9"]]','{"address_delivery_country":null,"address_delivery_house":null,"address_delivery_state":null,"address_delivery_street":null,"address_delivery_street2":null,"address_delivery_title":null,"address_delivery_town":null,"address_delivery_zip":null,"address_invoice_country":{"code":"NL","id":"2","name":"Netherlands"},"address_invoice_house":null,"address_invoice_is_delivery":false,"address_invoice_state":null,"address_invoice_street":null,"address_invoice_street2":null,"address_invoice_title":null,"address_invoice_town":null,"address_invoice_zip":null,"bic":null,"business_field":null,"client":null,"company_name":"One","company_revenue":null,"company_size":null,"created_at":"2026-11-21T12:18:51+00:00","custom_fields":[],"deleted_at":null,"delivery_person_attention_to":null,"email":null,"email_general":null,"external_id":"K-1","external_origin":"test","fax":null,"homepage":null,"iban":null,"id":"1","invoices_by_email":false,"invoices_by_post":false,"locale":null,"person_attention_to":null,"phone":"1","tags":[],"tax_uid":null,"taxation_enabled":true,"updated_at":"2026-11-21T12:18:51+00:00","vendor_identifier":null}','2026-11-21T12:18:51.736745+00:00','updated','2026-11-21T12:18:51.739598+00:00','{"address_delivery_country":null,"address_delivery_house":null,"address_delivery_state":null,"address_delivery_street":null,"address_delivery_street2":null,"address_delivery_title":null,"address_delivery_town":null,"address_delivery_zip":null,"address_invoice_country":{"code":"NL","id":"2","name":"Netherlands"},"address_invoice_house":null,"address_invoice_is_delivery":false,"address_invoice_state":null,"address_invoice_street":null,"address_invoice_street2":null,"address_invoice_title":null,"address_invoice_town":null,"address_invoice_zip":null,"bic":null,"business_field":null,"client":null,"company_name":"One","company_revenue":null,"company_size":null,"created_at":"2026-11-21T12:18:51+00:00","custom_fields":[],"deleted_at":null,"delivery_person_attention_to":null,"email":null,"email_general":null,"external_id":"K-1","external_origin":"test","fax":null,"homepage":null,"iban":null,"id":"1","invoices_by_email":false,"invoices_by_post":false,"locale":null,"person_attention_to":null,"phone":"9","tags":[],"tax_uid":null,"taxation_enabled":true,"updated_at":"2026-11-21T12:18:51+00:00","vendor_identifier":null}',NULL);
INSERT INTO "operation" VALUES(2,1,4,'K-4','create','2d446c714c5ccaca9bbc7ec3541b0f90f022a334e4659a46e2ecca7ef7ef02b6',NULL,'{"address_invoice_country":"NL","company_name":"One","external_id":"K-4","external_origin":"test","phone":"9"}','[]',NULL,'2026-11-21T12:18:51.736745+00:00',NULL,NULL,NULL,NULL);
CREATE TABLE row (
  id INTEGER PRIMARY KEY,           -- in the order of the file
  generation INTEGER NOT NULL REFERENCES run (id),  -- the run that read it from the file
  run INTEGER NOT NULL REFERENCES run (id),         -- the last run that took it up
  number INTEGER NOT NULL,          -- as the user's program shows it
  cells TEXT NOT NULL,              -- JSON list, see cells.py
  original TEXT,                    -- the cells as the file has them, where a retry took corrected ones
  external_id TEXT,
  digest TEXT,                      -- of the payload; NULL where the mapping refused or skipped the row
  payload TEXT,
  outcome TEXT,                     -- NULL: not final yet
  kanbert_id TEXT
);
INSERT INTO "row" VALUES(1,1,1,2,'["K-1","One","9","NL",""]',NULL,'K-1','175cf3839c777b43541446c6261ad8db050a6622ee60ceaaf6c656ab52a697f1','{"address_invoice_country":"NL","company_name":"One","external_id":"K-1","external_origin":"test","phone":"9"}','updated','1');
INSERT INTO "row" VALUES(2,1,1,3,'["K-2","Two","2","DE","vip"]',NULL,'K-2','66353e9d3425fc6924588f67ac46487d75246220675bc77895bc12643063058d','{"address_invoice_country":"DE","company_name":"Two","external_id":"K-2","external_origin":"test","phone":"2","tags":["vip"]}','unchanged','2');
INSERT INTO "row" VALUES(3,1,1,4,'["K-3","Three","3","Holand",""]',NULL,'K-3',NULL,NULL,'refused',NULL);
INSERT INTO "row" VALUES(4,1,1,5,'["K-4","One","9","NL",""]',NULL,'K-4','2d446c714c5ccaca9bbc7ec3541b0f90f022a334e4659a46e2ecca7ef7ef02b6','{"address_invoice_country":"NL","company_name":"One","external_id":"K-4","external_origin":"test","phone":"9"}',NULL,NULL);
CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  command TEXT NOT NULL,
  version TEXT NOT NULL,            -- of kanbert-import
  state TEXT NOT NULL,              -- writing, ended (by itself), stopped (resumable); writing without a process: killed
  started_at TEXT NOT NULL,         -- ISO 8601 with zone, as all instants here
  ended_at TEXT,
  source TEXT NOT NULL,             -- JSON of SourceInfo
  blank_rows INTEGER NOT NULL DEFAULT 0,
  mapping_path TEXT NOT NULL,
  mapping_sha256 TEXT NOT NULL,
  mapping_text TEXT NOT NULL
);
INSERT INTO "run" VALUES(1,'d02f003f2e7f434abe37b46847d69ab0','run','0.1.0','ended','2026-11-21T12:18:51+00:00','2026-11-21T12:18:51.741548+00:00','{"path": "contacts.csv", "sha256": "c189a45501cec2ff1630759357e586243ac94b3d8fb2071520bdda895d235615", "format": "csv", "columns": ["nr", "name", "phone", "country", "labels"], "encoding": "utf-8", "delimiter": ";", "sheet": null, "header_row": 1, "notes": []}',0,'m.yaml','ecd77d7224c961b188a4b3f9b76abd131ebd7fbafe33d1067d7f7c85d236b80e','version: 1
target: {external_origin: test}
company: {external_id: nr, company_name: name, phone: phone, address_invoice_country: country}
tags: [{from: labels, split: ","}]
');
CREATE TABLE seal (identity TEXT NOT NULL, commits INTEGER NOT NULL, whole INTEGER NOT NULL);
INSERT INTO "seal" VALUES('51fd8c72042d4f7ca820adff0588ad1b',2,1);
CREATE TABLE target (url TEXT NOT NULL, origin TEXT NOT NULL);
INSERT INTO "target" VALUES('https://kanbert.example/api/v1','test');
CREATE INDEX row_external_id ON row (external_id);
CREATE INDEX row_number ON row (number);
CREATE INDEX row_pending ON row (id) WHERE outcome IS NULL;
CREATE INDEX issue_row ON issue (row);
CREATE INDEX issue_reason ON issue (code, field, value);
CREATE INDEX operation_open ON operation (external_id) WHERE outcome IS NULL OR outcome = 'unknown';
CREATE INDEX attempt_external_id ON attempt (external_id);
CREATE INDEX listing_external_id ON listing (external_id);
CREATE INDEX listing_key_company ON listing_key (kanbert_id);
COMMIT;
