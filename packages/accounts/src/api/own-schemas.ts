import { z } from 'zod'
import type {
  AccountSettings,
  CurrentSession,
  CurrentUser,
  InvitationAnswer,
  LinkFacts,
  MailedLink,
  NewPassword,
  OwnSession,
  OwnSessions,
  PasswordChange,
  PasswordStrength,
  Profile,
  Registration,
  RegistrationProof,
  SignedOut,
  SignIn,
  TypedPassword,
} from '../wire/own-calls.ts'
import { passwordFault } from './problem-schema.ts'
import { instant, object, type Schema, type Shape, text } from './schema.ts'

const settings = object<AccountSettings>({
  isRegistrationOpen: z.boolean(),
  passwordMinLength: z.int(),
  passwordMaxLength: z.int(),
  providers: z.array(z.strictObject({ name: z.string(), href: z.string() })),
})

const currentUser: Schema<CurrentUser> = object<CurrentUser>({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  roles: z.array(z.string()),
  permissions: z.array(z.string()),
})

export const session: Shape<CurrentSession> = {
  user: currentUser.nullable(),
  impersonation: z.strictObject({ reason: z.string(), endsAt: instant }).nullable(),
  endsInSeconds: z.int().min(0).nullable(),
  ended: z.enum(['idle', 'absolute']).nullable(),
  csrfToken: z.string(),
  settings,
}

export const currentSession: Schema<CurrentSession> = object<CurrentSession>(session)

export const signedOut: Schema<SignedOut> = object<SignedOut>({
  ...session,
  onward: z.string().nullable(),
})

export const typedPassword: Schema<TypedPassword> = object<TypedPassword>({
  password: text,
  email: text.optional(),
  name: text.optional(),
})

const scores = [z.literal(0), z.literal(1), z.literal(2), z.literal(3), z.literal(4)] as const

export const passwordStrength: Schema<PasswordStrength> = object<PasswordStrength>({
  score: z.union(scores),
  fault: passwordFault.nullable(),
})

export const signIn: Schema<SignIn> = object<SignIn>({
  login: text,
  password: text,
  remember: z.boolean().optional(),
})

export const registration: Schema<Registration> = object<Registration>({
  email: text,
  password: text,
  name: text.optional(),
})

export const registrationProof: Schema<RegistrationProof> = object<RegistrationProof>({
  token: text,
  password: text,
  remember: z.boolean().optional(),
})

export const newPassword: Schema<NewPassword> = object<NewPassword>({ token: text, password: text })

export const invitationAnswer: Schema<InvitationAnswer> = object<InvitationAnswer>({
  token: text,
  password: text,
  name: text.optional(),
})

export const mailedLink: Schema<MailedLink> = object<MailedLink>({
  purpose: z.enum(['registration', 'reset', 'email', 'invitation']),
  token: text,
})

export const linkFacts: Schema<LinkFacts> = object<LinkFacts>({ email: z.string() })

export const profile: Schema<Profile> = object<Profile>({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  createdAt: instant,
  signedInAt: instant.nullable(),
})

export const passwordChange: Schema<PasswordChange> = object<PasswordChange>({
  current: text,
  password: text,
})

export const ownSession: Schema<OwnSession> = object<OwnSession>({
  id: z.string(),
  device: z.string().nullable(),
  ip: z.string().nullable(),
  createdAt: instant,
  seenAt: instant,
  expiresAt: instant,
  isCurrent: z.boolean(),
})

export const ownSessions: Schema<OwnSessions> = object<OwnSessions>({
  sessions: z.array(ownSession),
})
