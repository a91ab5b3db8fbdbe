/** One step from an older form of the tables to a newer one. */
export interface Migration {
  /** Never changes once it was released, nor does what it names. */
  readonly name: string
  readonly statements: readonly string[]
}

/**
 * All steps in their order. A step must leave the tables usable by the release before it, since
 * workers of both run side by side during a deployment: add, and take away one release later.
 */
export const migrations: readonly Migration[] = [
  {
    name: '001-accounts',
    statements: [
      // Collation "C" sorts by bytes, the same everywhere, and lets the index serve the list.
      `create table cloakroom_account (
        id text primary key,
        login text collate "C" not null unique,
        email text not null,
        name text not null,
        role text not null,
        status text not null check (status in ('active', 'disabled')),
        password_hash text,
        password_expires_at timestamptz,
        created_at timestamptz not null,
        signed_in_at timestamptz,
        version integer not null default 1,
        search_text text not null
      )`,
      'create index cloakroom_account_role on cloakroom_account (role, status)',
      `create table cloakroom_token (
        hash text primary key,
        purpose text not null,
        subject text not null,
        facts jsonb not null,
        expires_at timestamptz not null,
        unique (subject, purpose)
      )`,
      'create index cloakroom_token_expires on cloakroom_token (expires_at)',
      `create table cloakroom_impersonation (
        session_id text primary key,
        actor_id text not null,
        account_id text not null,
        reason text not null,
        started_at timestamptz not null,
        ends_at timestamptz not null
      )`,
    ],
  },
  {
    name: '002-identities',
    statements: [
      `create table cloakroom_identity (
        issuer text not null,
        subject text not null,
        account_id text not null,
        primary key (issuer, subject)
      )`,
      'create index cloakroom_identity_account on cloakroom_identity (account_id)',
    ],
  },
  {
    name: '003-factors',
    statements: [
      `create table cloakroom_factor (
        account_id text primary key,
        id text not null unique,
        sealed text not null,
        used_step bigint not null,
        recovery jsonb not null,
        created_at timestamptz not null
      )`,
    ],
  },
]
