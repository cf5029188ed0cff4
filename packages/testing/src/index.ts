export { createStepper } from './stepper.ts'
export type { Stepper, StepperContext, StepperState, StepOptions } from './stepper.ts'
export { eventStoreContract, eventStoreContractWithout } from './store-contract/store-contract.ts'
export type { OpenableStore, OpenStore, StoreCapability, StoreCase } from './store-contract/store-case.ts'
