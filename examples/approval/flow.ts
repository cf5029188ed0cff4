import { createFlow, type NodeContext } from 'flowcraft'

/** What somebody wants to have paid back. */
export interface Expense {
  readonly employee: string
  readonly purpose: string
  readonly amount: number
}

/** What a manager answers. */
export interface Decision {
  readonly by: string
  readonly comment: string
}

interface ExpenseContext {
  readonly expense: Expense
}

/** What the nodes need of the outside world. */
export interface ExpenseDependencies {
  sendMail(to: string, text: string): void
}

type Call<TInput> = NodeContext<ExpenseContext, ExpenseDependencies, TInput>

/** An expense from the form to the answer. In between, the run is parked: for three days at most. */
export const expenseFlow = createFlow<ExpenseContext, ExpenseDependencies>('expense')
  .node('check', check, { inputs: 'expense' })
  .node('ask', ask, { inputs: 'expense' })
  .wait('approval', { event: 'expense:decided', timeout: '3d' })
  .node('pay', pay, { inputs: 'expense' })
  .node('reject', reject, { inputs: { expense: 'expense', decision: 'approval' } })
  .node('escalate', escalate, { inputs: 'expense' })

  .edge('check', 'pay', { action: 'small' })
  .edge('check', 'ask', { action: 'large' })
  .edge('ask', 'approval')
  .edge('approval', 'pay', { action: 'approve' })
  .edge('approval', 'reject', { action: 'reject' })
  .edge('approval', 'escalate', { action: 'timeout' })

function check({ input }: Call<Expense>) {
  return { action: input.amount < 50 ? 'small' : 'large' }
}

function ask({ input, dependencies, executionId }: Call<Expense>) {
  dependencies.sendMail('the manager', `${describe(input)}? Please decide ${executionId}`)
}

function pay({ input, dependencies }: Call<Expense>) {
  dependencies.sendMail(input.employee, `${describe(input)} is paid`)
  return { output: { paid: input.amount } }
}

function reject({ input, dependencies }: Call<{ readonly expense: Expense; readonly decision: Decision }>) {
  const { by, comment } = input.decision
  dependencies.sendMail(input.expense.employee, `${describe(input.expense)} is not paid: ${comment} (${by})`)
  return { output: { paid: 0 } }
}

function escalate({ input, dependencies }: Call<Expense>) {
  dependencies.sendMail('the head of finance', `nobody has decided on ${describe(input)} of ${input.employee}`)
}

function describe({ purpose, amount }: Expense): string {
  return `${amount} EUR for ${purpose}`
}
