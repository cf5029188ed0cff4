import { readFileSync } from 'node:fs'
import { startVitest } from 'vitest/node'
const root='/work/main/packages/flowcraft'
const foldFile=`${root}/src/state/fold.ts`
const original=readFileSync(foldFile,'utf8')
const lines=original.split('\n')
const from=lines.findIndex(l=>l.startsWith('function startRun'))
process.env.FLOWCRAFT_SHRINK='0';process.env.FLOWCRAFT_RUNS='500';process.env.FLOWCRAFT_SEED='5'
for(let i=from;i<lines.length;i++){
  const l=lines[i]
  const ok=/^\s+(draft\.[\w.]+( = |\.(set|delete|clear)\().*\)?$|\w+: [^{]*,$|settleWrites\(.*|id = node.fallbackFor|for \(const seq of.*delete.*|if \(.*\) return$|if \(.*draft.*\)$)/.test(l) && !/executionId|readonly|: undefined,$|: 0,$|pending|noSeqs,$/.test(l) && !/\{$/.test(l)
  if(!ok||i>lines.findIndex(x=>x.startsWith('const unknownNode'))) continue
  const code=[...lines.slice(0,i),'',...lines.slice(i+1)].join('\n')
  const plugin={name:'m',enforce:'pre',transform:(c,id)=>id.split('?')[0]===foldFile?code:undefined}
  const v=await startVitest('test',['test/laws/exact-replay.property.test.ts'],{root,config:`${root}/vitest.config.ts`,watch:false,reporters:[{}],silent:true},{plugins:[plugin]})
  const failed=v.state.getFiles().some(f=>f.result?.state==='fail')
  await v.close()
  if(!failed) console.log('SURVIVED',i+1,l.trim())
  else console.log('caught',i+1,l.trim())
}
process.exit(0)
