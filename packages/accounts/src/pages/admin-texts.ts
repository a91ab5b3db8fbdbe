/** Texts of the console. */
export interface AdminTexts {
  readonly admin: {
    readonly title: string
    readonly overview: string
    readonly sessions: string
    readonly users: string
    readonly limits: string
    readonly audit: string
    readonly keys: string
    readonly health: string
    readonly search: string
    readonly clear: string
    readonly goOn: string
    readonly examined: (count: string) => string
    readonly live: string
    readonly any: string
    readonly actions: string
    readonly gone: string
    readonly never: string
    readonly reason: string
  }
  readonly adminOverview: {
    readonly sessions: string
    readonly signIns: string
    readonly failures: string
    readonly limits: string
    readonly now: string
    readonly counting: string
    readonly lastHour: string
    readonly signInsAndFailures: string
    readonly byTime: string
    readonly from: string
    readonly process: string
  }
  readonly adminSessions: {
    readonly user: string
    readonly userHint: string
    readonly address: string
    readonly device: string
    readonly visitor: string
    readonly current: string
    readonly began: string
    readonly seen: string
    readonly ends: string
    readonly none: string
    readonly end: string
    readonly ended: string
    readonly endAddress: string
    readonly endAddressHint: (address: string) => string
    readonly addressEnded: string
    readonly badAddress: string
    readonly ownAddress: string
    readonly actsFor: string
  }
  readonly adminUsers: {
    readonly searchHint: string
    readonly role: string
    readonly status: string
    readonly active: string
    readonly disabled: string
    readonly created: string
    readonly signedIn: string
    readonly none: string
    readonly invite: string
    readonly inviteIntro: string
    readonly invited: string
    readonly taken: string
    readonly roleDenied: string
    readonly lastAdmin: string
    readonly changeRole: string
    readonly changeRoleHint: string
    readonly disable: string
    readonly enable: string
    readonly endSessions: string
    readonly sendReset: string
    readonly resetSent: string
    readonly resetFactor: string
    readonly factorReset: string
    readonly factorSince: string
    readonly factorNone: string
    readonly impersonate: string
    readonly impersonateHint: string
    readonly impersonateReason: string
    readonly reasonShort: string
    readonly delete: string
    readonly deleteHint: string
    readonly deleted: string
    readonly changed: string
    readonly sessionsEnded: string
    readonly history: string
  }
  readonly adminLimits: {
    readonly subject: string
    readonly subjectHint: string
    readonly who: string
    readonly rule: string
    readonly why: string
    readonly byRule: string
    readonly until: string
    readonly forGood: string
    readonly unknown: string
    readonly none: string
    readonly unblock: string
    readonly unblocked: string
    readonly block: string
    readonly blockIntro: string
    readonly blockSubject: string
    readonly blocked: string
    readonly badSubject: string
    readonly badReason: string
    readonly lasting: string
    readonly durations: Readonly<Record<BlockLength, string>>
    readonly rules: Readonly<Record<string, string>>
  }
  readonly adminAudit: {
    readonly event: string
    readonly user: string
    readonly actor: string
    readonly address: string
    readonly when: string
    readonly details: string
    readonly none: string
    readonly export: string
    readonly unreadable: string
  }
  readonly adminKeys: {
    readonly intro: string
    readonly key: string
    readonly state: string
    readonly sessions: string
    readonly states: Readonly<Record<'newest' | 'older' | 'missing', string>>
    readonly counting: (count: string) => string
    readonly counted: string
    readonly rotate: string
    readonly steps: readonly string[]
  }
  readonly adminHealth: {
    readonly good: string
    readonly bad: string
    readonly memory: string
    readonly storage: string
    readonly latency: string
    readonly version: string
    readonly role: string
    readonly eviction: string
    readonly persistence: string
    readonly listeners: string
    readonly warnings: string
    readonly noWarnings: string
    readonly unknown: string
  }
}

/** How long a block by hand lasts. */
export type BlockLength = 'quarter' | 'hour' | 'day' | 'week' | 'good'
