import type { SpecialReason } from './problem.ts'

/** One thing that can be asked: what is sent, what comes back, and why it may be refused. */
export interface Call<
  Input extends object | null,
  Answer extends object | null,
  Reason extends SpecialReason = never,
> {
  readonly input: Input
  /** Null for an answer without a body. */
  readonly answer: Answer
  readonly reason: Reason
}
