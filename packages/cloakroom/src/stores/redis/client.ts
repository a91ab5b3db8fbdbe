/** What may be sent to Redis as one argument. */
export type RedisArgument = string | Uint8Array

/** What Redis answers. Every text arrives as bytes, on every driver. */
export type RedisReply = number | null | Uint8Array | readonly RedisReply[]

/**
 * The few things Cloakroom asks of a Redis client.
 *
 * Drivers for `redis`, `ioredis` and `iovalkey` implement it for a single server, Sentinel and
 * Cluster; nothing else in the package knows which client is in use. It works on connections of its
 * own, made from the settings of the user's client and closed when that one is closed. It has no
 * deadlines: stores reach it through a script runner, which does.
 */
export interface RedisClient {
  /** Which package and topology stands behind it, for messages and the health check. */
  readonly description: string
  /** False while a command would only wait in the client's own queue. */
  readonly isReady: boolean
  /** What connecting failed with last, in words that give nothing away; null when it never did. */
  readonly problem: string | null
  /** Connects where nobody has yet. Resolves once {@link isReady} is true, however long that takes. */
  whenReady(): Promise<void>
  /**
   * Sends one command to the server that holds `key`, or to any server when it is null.
   *
   * An error that the server itself answered is thrown with its text as the message, starting with
   * the code (`NOSCRIPT …`). While the client is not ready every command is refused at once, so
   * that none is sent after its sender gave up on it.
   */
  command(key: string | null, args: readonly RedisArgument[]): Promise<RedisReply>
  /** Sends one command to each master, one after the other. Fails where one of them is lost. */
  commandEach(args: readonly RedisArgument[]): Promise<readonly RedisReply[]>
  /** Reads one page of key names, master by master. See {@link ScanPage}. */
  scanKeys(pattern: string, cursor: string | null, count: number): Promise<ScanPage>
  /**
   * Listens to channels, all on one connection of its own. When that is lost another is made, to
   * any server there is; a network that falls silent is not noticed here, so expect a heartbeat.
   */
  subscribe(channels: readonly string[], listener: SubscriptionListener): Subscription
  /** Drops a connection that does not answer. The next command makes a new one. */
  reconnect(): void
  /**
   * Makes another connection, and goes over to it once it is ready: where one server of a Cluster does
   * not answer, the others are not to be lost. The new one learns who has taken its place.
   */
  renew(): void
  /** Closes what was opened here, for good. The user's own client is left as it is. */
  close(): void
}

/** One page of key names. Pages may be empty, and may name a key twice. */
export interface ScanPage {
  readonly keys: readonly string[]
  /** What to pass for the next page; null after the last. Its text means nothing to the caller. */
  readonly cursor: string | null
}

/** Told what a subscription hears. None of these may throw. */
export interface SubscriptionListener {
  onMessage(message: Uint8Array): void
  /** The connection is gone: messages are being missed. */
  onLost(): void
  /** The channels are heard from now on. Called after each connection, the first among them. */
  onHeard(): void
}

/** A running subscription. */
export interface Subscription {
  /** Stops listening and closes the connection made for it. */
  close(): void
}
