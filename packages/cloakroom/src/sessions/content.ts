/** Who a session belongs to and where it came from: what administrators and guards may read. */
export interface SessionMeta {
  /** Null for a visitor who is not signed in. */
  readonly userId: string | null
  readonly role: string | null
  readonly permissions: readonly string[]
  readonly tenant: string | null
  /** Such as `Firefox on Linux`. */
  readonly device: string | null
  readonly ip: string | null
  /**
   * How the user proved who they are, and when: RFC 8176 names to milliseconds; 0 is the moment the
   * session was made, which only the store's clock knows.
   */
  readonly methods: Readonly<Record<string, number>>
  /** Whether the user asked to stay signed in: the cookie then outlives the browser. */
  readonly isPersistent: boolean
  /** Raised when tokens against request forgery have to change. */
  readonly csrfEpoch: number
  /** Epochs of the tenant and of everybody when the session was made. */
  readonly tenantEpoch: number
  readonly globalEpoch: number
  /** Of the address at which the session began. */
  readonly addressEpoch: number
  /** Who acts in the user's place; null when it is the user. */
  readonly actorId: string | null
}

/** How most users sign in; written as one byte. */
const usualMethod = 'pwd'

const fieldCount = 13

/** What a visitor's session knows. */
export const anonymousMeta: SessionMeta = {
  userId: null,
  role: null,
  permissions: [],
  tenant: null,
  device: null,
  ip: null,
  methods: {},
  isPersistent: false,
  csrfEpoch: 0,
  tenantEpoch: 0,
  globalEpoch: 0,
  addressEpoch: 0,
  actorId: null,
}

/** Packs metadata as a list without names; trailing values that are the default are left out. */
export function packMeta(meta: SessionMeta): unknown[] {
  const list: unknown[] = [
    meta.userId,
    meta.device,
    packAddress(meta.ip),
    meta.role === usualRoleOf(meta.userId) ? null : meta.role,
    packMethods(meta.methods),
    meta.isPersistent ? 1 : 0,
    meta.permissions,
    meta.tenant,
    meta.csrfEpoch,
    meta.tenantEpoch,
    meta.globalEpoch,
    meta.addressEpoch,
    meta.actorId,
  ]
  while (list.length > 0 && isDefault(list.at(-1))) list.pop()
  return list
}

/** The reverse of {@link packMeta}. @throws {TypeError} when the list is not of its shape. */
export function unpackMeta(list: unknown): SessionMeta {
  if (!Array.isArray(list) || list.length > fieldCount) throw misshapen()
  const at = (index: number): unknown => list[index] ?? null
  const userId = text(at(0))
  return {
    userId,
    device: text(at(1)),
    ip: readAddress(at(2)),
    role: text(at(3)) ?? usualRoleOf(userId),
    methods: readMethods(at(4)),
    isPersistent: at(5) === 1,
    permissions: texts(at(6)),
    tenant: text(at(7)),
    csrfEpoch: count(at(8)),
    tenantEpoch: count(at(9)),
    globalEpoch: count(at(10)),
    addressEpoch: count(at(11)),
    actorId: text(at(12)),
  }
}

/** Not written, since most have it. */
function usualRoleOf(userId: string | null): string | null {
  return userId === null ? null : 'user'
}

function isDefault(value: unknown): boolean {
  return value === null || value === 0 || (Array.isArray(value) && value.length === 0)
}

function text(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value
  throw misshapen()
}

function texts(value: unknown): string[] {
  if (value === null) return []
  if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value
  throw misshapen()
}

function count(value: unknown): number {
  if (value === null) return 0
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw misshapen()
}

/** Names and seconds in turn; the usual way, a password at the start, takes one byte. */
function packMethods(methods: SessionMeta['methods']): unknown {
  const list = Object.entries(methods).flatMap(([name, at]) => [name, Math.floor(at / 1000)])
  return list.length === 2 && list[0] === usualMethod && list[1] === 0 ? 1 : list
}

function readMethods(value: unknown): Record<string, number> {
  if (value === 1) return { [usualMethod]: 0 }
  if (value === null) return {}
  if (!Array.isArray(value) || value.length % 2 === 1) throw misshapen()
  const names = texts(value.filter((_, index) => index % 2 === 0))
  return Object.fromEntries(names.map((name, index) => [name, count(value[2 * index + 1]) * 1000]))
}

/** An IPv4 address takes four bytes instead of up to fifteen characters. */
function packAddress(ip: string | null): string | Uint8Array | null {
  const parts = ip?.split('.').map(Number) ?? []
  const isAddress = parts.length === 4 && parts.every(part => part >= 0 && part <= 255)
  return isAddress && parts.join('.') === ip ? Uint8Array.from(parts) : ip
}

function readAddress(value: unknown): string | null {
  return value instanceof Uint8Array && value.length === 4 ? value.join('.') : text(value)
}

function misshapen(): TypeError {
  return new TypeError('Not the metadata of a session.')
}
