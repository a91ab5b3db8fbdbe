// Writes the description of the JSON API for those who make clients of it, from the built package.
//
// node scripts/build-openapi.js
//
// A test compares it with what the API is.
import { writeFileSync } from 'node:fs'
import { describeApi } from '../packages/accounts/dist/api/openapi.js'

const output = new URL('../docs/openapi.json', import.meta.url)

writeFileSync(output, `${JSON.stringify(describeApi('/api/auth'), null, 2)}\n`)
