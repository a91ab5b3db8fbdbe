'use client'

export { LoginForm, type LoginFormProps } from './react/login-form.tsx'
export { RegisterForm, type RegisterFormProps } from './react/register-form.tsx'
export { RequireRole, type RequireRoleProps } from './react/require-role.tsx'
export { SecondFactorSetup, type SecondFactorSetupProps } from './react/second-factor-setup.tsx'
export {
  SessionProvider,
  type SessionProviderProps,
  type SessionView,
  useSession,
} from './react/session.tsx'
export { SessionList } from './react/session-list.tsx'
export type { ComponentTexts } from './react/texts.ts'
export { type OwnSessionsView, useSessions } from './react/use-sessions.ts'
