export { createManualClock, type ManualClock } from './core/clock.ts'
