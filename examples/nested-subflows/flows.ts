import { createFlow, type NodeContext } from 'flowcraft'

// Each of the four flows has a node `check` and a key `reference` of its own. They do not meet: every run of a subflow
// has a scope of its own. What goes in is what `inputs` names; what comes out is what `outputs` names, or the output of
// the last node.

interface PaymentContext {
  readonly amount: number
  readonly reference: string
}

/** Charges a card. */
export const paymentFlow = createFlow<PaymentContext>('payment')
  .node('check', async ({ context }) => {
    const amount = (await context.get('amount')) ?? 0
    if (amount <= 0) throw new Error(`cannot charge ${amount} EUR`)
    await context.set('reference', `payment of ${amount} EUR`)
    return { output: amount }
  })
  .node('charge', ({ input }: NodeContext<PaymentContext, object, number>) => ({ output: `receipt over ${input} EUR` }))
  .edge('check', 'charge')

interface LabelContext {
  readonly address: string
  readonly reference: string
}

/** Makes the label of a parcel. */
export const labelFlow = createFlow<LabelContext>('label')
  .node('check', async ({ context }) => {
    const address = (await context.get('address')) ?? ''
    await context.set('reference', `label for ${address}`)
    return { output: address.toUpperCase() }
  })
  .node('print', ({ input }) => ({ output: `[${String(input)}]` }))
  .edge('check', 'print')

interface ShippingContext {
  readonly address: string
  readonly reference: string
}

/** Has the label made, waits for the carrier to come, and gives the tracking number. */
export const shippingFlow = createFlow<ShippingContext>('shipping')
  .node('check', async ({ context }) => {
    await context.set('reference', `parcel to ${await context.get('address')}`)
  })
  .subflow('label', { blueprintId: 'label', inputs: { address: 'address' } })
  .wait('confirm', { event: 'carrier:collected' })
  .node('track', ({ input }) => ({ output: input }), { inputs: { label: 'label', carrier: 'confirm' } })
  .edge('check', 'label')
  .edge('label', 'confirm')
  .edge('confirm', 'track')

interface OrderContext {
  readonly total: number
  readonly address: string
  readonly reference: string
  readonly receipt: string
  readonly parcel: unknown
}

/** An order: payment and shipping go on side by side, and the customer is told when both are done. */
export const orderFlow = createFlow<OrderContext>('order')
  .node('check', async ({ context }) => {
    await context.set('reference', `order over ${await context.get('total')} EUR`)
  })
  .subflow('pay', { blueprintId: 'payment', inputs: { amount: 'total' }, outputs: { receipt: 'charge' } })
  .subflow('ship', { blueprintId: 'shipping', inputs: { address: 'address' }, outputs: { parcel: 'track' } })
  .node('tell', ({ input }) => ({ output: input }), { inputs: { receipt: 'receipt', parcel: 'parcel' } })
  .edge('check', 'pay')
  .edge('check', 'ship')
  .edge('pay', 'tell')
  .edge('ship', 'tell')
