import fc from 'fast-check'

const keywords = (
  'end graph flowchart flowchart-elk swimlane-beta subgraph style linkStyle click class classDef default href call v ' +
  'interpolate direction accTitle accDescr TB TBx LR _self _blank _parent _top __proto__ constructor toString o x L_a_b_0'
).split(' ')
const signs = '" \' ` [ ] ( ) { } < > | & ; : # % @ - -- --> ---o -.-> ==> ~~~ ::: \\ / . , _ a b A 0 12'.split(' ')
const traps = (
  '%%{init: {}}%%,direction TB,1. ,- ,<br/>,<b>,$$x$$,fa:fa-car,#35;,#quot;,&amp;,ﬂ°°34¶ß,style: #;,wind direction,in_direction,' +
  '\n,\r\n,\t,\0, ,\u2028,🦊,\ud83e,\udd8a,é'
).split(',')
/** Text that Mermaid could take for something else. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...keywords),
  fc.array(fc.constantFrom(...keywords, ...signs, ...traps), { maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ minLength: 80, maxLength: 200 }),
)
