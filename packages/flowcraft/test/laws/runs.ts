/** How many random cases a law is checked with: `FLOWCRAFT_RUNS`, or `standard`. */
export function numRuns(standard: number): number {
  return Number(process.env['FLOWCRAFT_RUNS'] ?? standard)
}
