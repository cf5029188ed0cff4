import { systemClock, type Clock } from 'flowcraft'

/** A clock that stands still, so that the example prints the same each time: nothing takes any time here. */
export const stillClock: Clock = { ...systemClock, now: () => Date.UTC(2026, 2, 2, 3) }
