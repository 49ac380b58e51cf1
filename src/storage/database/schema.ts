/** `PRAGMA application_id` of a `hub.db`: the letters "Strn". */
export const APPLICATION_ID = 0x53_74_72_6e;

/**
 * The steps that bring a `hub.db` to the present schema, in order; `PRAGMA user_version` says how many were taken.
 * A step that was ever released is never changed: what comes later is a new step.
 *
 * Times are text, `2026-11-21T06:00:00.000Z`, which sorts. An audience is `''` for everybody, else the account's IRI.
 * Lists are walked by index, newest first by `(created, graph)`, one range for each audience the reader may see.
 */
export const SCHEMA_STEPS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- heat: 0 is always in the query store, 1 is somebody else's post that an own document answers or likes,
  -- 2 is any other post of somebody else, of which the query store holds the newest.
  CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    graph TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    audience TEXT NOT NULL,
    origin TEXT NOT NULL,
    received_from TEXT,
    author TEXT,
    container TEXT,
    created TEXT NOT NULL,
    modified TEXT,
    received TEXT NOT NULL,
    version INTEGER NOT NULL,
    heat INTEGER NOT NULL,
    quads TEXT NOT NULL
  ) STRICT;
  CREATE INDEX documents_of_container ON documents (container, audience, created, graph) WHERE container IS NOT NULL;
  CREATE INDEX documents_of_author ON documents (author, kind, audience, created, graph) WHERE author IS NOT NULL;
  CREATE INDEX documents_by_time ON documents (kind, origin, audience, created, graph);
  CREATE INDEX documents_for_one ON documents (audience) WHERE audience <> '';
  CREATE INDEX documents_cooling ON documents (created, graph) WHERE heat = 2;
  CREATE INDEX documents_expiring ON documents (received, graph) WHERE heat = 2 AND origin = 'received';

  -- Derived from the documents' quads (document-links.ts): a row goes by its whole key, read from the old quads.
  CREATE TABLE document_references (
    target TEXT NOT NULL,
    reference TEXT NOT NULL,
    audience TEXT NOT NULL,
    created TEXT NOT NULL,
    graph TEXT NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (target, reference, audience, created, graph)
  ) STRICT, WITHOUT ROWID;
  -- What own documents answer or like; also derived.
  CREATE TABLE kept_posts (
    graph TEXT NOT NULL,
    document INTEGER NOT NULL,
    PRIMARY KEY (graph, document)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE document_text USING fts5 (
    content, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2"
  );

  CREATE TABLE tombstones (
    graph TEXT PRIMARY KEY,
    deleted TEXT NOT NULL,
    kind TEXT NOT NULL,
    author TEXT,
    container TEXT,
    version INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- "document" is JSON of everything but the quads.
  CREATE TABLE document_versions (
    graph TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    quads TEXT NOT NULL,
    UNIQUE (graph, version)
  ) STRICT;

  CREATE TABLE accounts (name TEXT PRIMARY KEY, account TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE linked_jids (
    jid TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (jid, name)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX linked_jids_of_account ON linked_jids (name);
  -- An empty holder is the owner.
  CREATE TABLE tokens (
    hash TEXT PRIMARY KEY, holder TEXT NOT NULL, label TEXT NOT NULL, created TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE upstreams (
    account TEXT PRIMARY KEY, service TEXT NOT NULL, node TEXT NOT NULL, upstream TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX upstreams_of_node ON upstreams (service, node);

  CREATE TABLE pubsub_nodes (
    number INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    id TEXT NOT NULL,
    config TEXT NOT NULL,
    created TEXT NOT NULL,
    UNIQUE (service, id)
  ) STRICT;
  CREATE TABLE affiliations (
    node INTEGER NOT NULL REFERENCES pubsub_nodes,
    jid TEXT NOT NULL,
    affiliation TEXT NOT NULL,
    PRIMARY KEY (node, jid)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE subscriptions (
    node INTEGER NOT NULL REFERENCES pubsub_nodes,
    jid TEXT NOT NULL,
    subid TEXT NOT NULL,
    bare_jid TEXT NOT NULL,
    state TEXT NOT NULL,
    created TEXT NOT NULL,
    PRIMARY KEY (node, jid, subid)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX subscriptions_of_jid ON subscriptions (bare_jid, node);
  CREATE TABLE pubsub_items (
    number INTEGER PRIMARY KEY,
    node INTEGER NOT NULL REFERENCES pubsub_nodes,
    id TEXT NOT NULL,
    publisher TEXT NOT NULL,
    payload TEXT NOT NULL,
    published TEXT NOT NULL,
    updated TEXT NOT NULL,
    UNIQUE (node, id)
  ) STRICT;
  CREATE INDEX pubsub_items_by_publication ON pubsub_items (node, published, id);
  CREATE INDEX pubsub_items_by_modification ON pubsub_items (node, updated, id);

  -- What is pushed, once, and to whom. AUTOINCREMENT: a late receipt must not meet another delivery of the same id.
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, service TEXT NOT NULL, node TEXT NOT NULL, event TEXT NOT NULL
  ) STRICT;
  CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event INTEGER NOT NULL REFERENCES events,
    recipient TEXT NOT NULL,
    subid TEXT NOT NULL,
    wants_receipt INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_attempt TEXT NOT NULL,
    created TEXT NOT NULL
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (next_attempt, id);
  CREATE INDEX deliveries_of_event ON deliveries (event);
  `,
  `
  -- XEP-0060 in whole: "options" is JSON, null where nothing was asked for; "expires" is its end, where it has one.
  ALTER TABLE subscriptions ADD COLUMN options TEXT;
  ALTER TABLE subscriptions ADD COLUMN expires TEXT;
  CREATE INDEX subscriptions_expiring ON subscriptions (expires) WHERE expires IS NOT NULL;
  ALTER TABLE pubsub_nodes ADD COLUMN creator TEXT;
  CREATE INDEX affiliations_of_jid ON affiliations (jid, node);
  CREATE TABLE node_redirects (
    service TEXT NOT NULL, id TEXT NOT NULL, uri TEXT NOT NULL, PRIMARY KEY (service, id)
  ) STRICT, WITHOUT ROWID;
  -- Whom an account lets in at nodes with the access models presence and roster; "groups" is JSON.
  CREATE TABLE contacts (
    service TEXT NOT NULL, jid TEXT NOT NULL, groups TEXT NOT NULL, PRIMARY KEY (service, jid)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Standing queries: "watch" and "answer" are JSON, "first" is the value of a query's first variable.
  CREATE TABLE watches (
    account TEXT NOT NULL, name TEXT NOT NULL, watch TEXT NOT NULL, PRIMARY KEY (account, name)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE watch_answers (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    item TEXT NOT NULL,
    first TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (account, name, item)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX watch_answers_by_first ON watch_answers (account, name, first);
  `,
  `
  -- Whether an account has asked for its contact's presence in turn.
  ALTER TABLE contacts ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;
  -- A person's microblog tells who comes online of its last post (XEP-0163); older versions did not know who did.
  UPDATE pubsub_nodes SET config = json_set(config, '$.sendLast', 'on_sub_and_presence')
    WHERE id = 'urn:xmpp:microblog:0' AND json_extract(config, '$.sendLast') IS NULL;
  `,
  `
  -- Deliveries by the node that they are of ("lane"), so that nodes take turns, and apart those held back while their
  -- host does not answer. "destinations": hosts by domain and people by bare JID whom notifications do not reach.
  ALTER TABLE deliveries ADD COLUMN host TEXT NOT NULL DEFAULT '';
  ALTER TABLE deliveries ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE deliveries ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
  UPDATE deliveries SET host = substr(recipient, 1, instr(recipient || '/', '/') - 1);
  UPDATE deliveries SET host = substr(host, instr(host, '@') + 1);
  DROP INDEX deliveries_due;
  CREATE INDEX deliveries_due ON deliveries (lane, next_attempt) WHERE held = 0;
  CREATE INDEX deliveries_held ON deliveries (host, wants_receipt) WHERE held = 1;
  CREATE TABLE destinations (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    since TEXT NOT NULL,
    next_attempt TEXT NOT NULL,
    destination TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Pictures of people elsewhere that have no address on the web, by their SHA-1.
  CREATE TABLE pictures (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, bytes BLOB NOT NULL
  ) STRICT;
  `,
  `
  -- Webhooks of standing queries, and what waits to be sent to each, oldest first; "hook" and "body" are JSON.
  CREATE TABLE watch_hooks (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    next_attempt TEXT NOT NULL,
    hook TEXT NOT NULL,
    PRIMARY KEY (account, name, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hook_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, hook TEXT NOT NULL, created TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX hook_events_of_hook ON hook_events (hook, number);
  `,
  `
  -- What walks over the follow graph learned from other hubs: a cache, "learned" is JSON.
  CREATE TABLE learned (
    kind TEXT NOT NULL, subject TEXT NOT NULL, read TEXT NOT NULL, learned TEXT NOT NULL, PRIMARY KEY (kind, subject)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX learned_by_time ON learned (read);
  `,
  `
  -- The posts that also stand in the microblog of a person's own JID, and which version of each.
  CREATE TABLE copies (
    account TEXT NOT NULL, jid TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (account, jid, id)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What an event is the last word about, where only the last counts.
  ALTER TABLE events ADD COLUMN about TEXT;
  CREATE INDEX events_about ON events (about) WHERE about IS NOT NULL;
  `,
  `
  -- From a follow's document to whom it follows, so that whom somebody follows is read without reading documents.
  CREATE INDEX references_of_follows ON document_references (document) WHERE reference = 'follows';
  `,
  `
  -- From a post elsewhere to the upstream of its comments.
  CREATE INDEX upstreams_of_commented ON upstreams (json_extract(upstream, '$.commentsOn.post'));
  `,
];
