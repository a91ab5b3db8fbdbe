import { z } from 'zod'
import type { InputFault, PasswordFault, Problem, ProblemReason } from '../wire/problem.ts'
import { refusals } from './refusals.ts'
import { object, type Schema } from './schema.ts'

/** What is wrong with a new password. */
export const passwordFault: Schema<PasswordFault> = object<PasswordFault>({
  reason: z.enum(['short', 'long', 'unreadable', 'common', 'context', 'compromised']),
  minLength: z.int().optional(),
  maxLength: z.int().optional(),
  warning: z.string().optional(),
  word: z.string().optional(),
})

const fault = object<InputFault>({ path: z.string(), message: z.string() })

/** The body of every refusal. */
export const problem: Schema<Problem> = object<Problem>({
  type: z.literal('about:blank'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum([
    'ERR_UNAUTHENTICATED',
    'ERR_FORBIDDEN',
    'ERR_CSRF',
    'ERR_CONFLICT',
    'ERR_RATE_LIMITED',
    'ERR_UNAVAILABLE',
    'ERR_INVALID',
    'ERR_NOT_FOUND',
  ]),
  reason: z.enum(Object.keys(refusals) as [ProblemReason]),
  retryAfterSeconds: z.int().nullable().optional(),
  ended: z.enum(['idle', 'absolute']).optional(),
  token: z.string().optional(),
  password: passwordFault.optional(),
  faults: z.array(fault).optional(),
})
