export { createStepper } from './stepper.ts'
export type { Stepper, StepperContext, StepperState, StepOptions } from './stepper.ts'
