/** What may be sent to Redis as one argument. */
export type RedisArgument = string | Uint8Array

/** What Redis answers. Every text arrives as bytes, on every driver. */
export type RedisReply = number | null | Uint8Array | readonly RedisReply[]

/**
 * The few things Cloakroom asks of a Redis client.
 *
 * Drivers for `redis`, `ioredis` and `iovalkey` implement it for a single server, Sentinel and
 * Cluster; nothing else in the package knows which client is in use.
 */
export interface RedisClient {
  /** Which package and topology stands behind it, for messages and the health check. */
  readonly description: string
  /**
   * Sends one command to the server that holds `key`, or to any server when it is null.
   *
   * An error that the server itself answered is thrown with its text as the message, starting with
   * the code (`NOSCRIPT …`).
   */
  command(key: string | null, args: readonly RedisArgument[]): Promise<RedisReply>
  /** Sends one command to each master, one after the other. */
  commandEach(args: readonly RedisArgument[]): Promise<readonly RedisReply[]>
}
