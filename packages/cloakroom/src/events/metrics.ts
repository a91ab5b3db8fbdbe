import { type EventListener, type EventType, eventTypes } from './event.ts'

/** Counts events. */
export interface EventCounter {
  /** How many of each kind there have been; a copy, with a zero for what never happened. */
  counts(): Record<EventType, number>
  readonly listener: EventListener
}

/** Makes an {@link EventCounter}. Hand its `listener` to the hub. */
export function createEventCounter(): EventCounter {
  const counts = zeroes()
  return {
    counts: () => ({ ...counts }),
    listener(event) {
      counts[event.type] += 1
    },
  }
}

function zeroes(): Record<EventType, number> {
  const entries = eventTypes.map((type): [EventType, number] => [type, 0])
  return Object.fromEntries(entries) as Record<EventType, number>
}
